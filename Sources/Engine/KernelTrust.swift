internal import Graphs
package import Kernels
internal import LinuxIO
internal import Planning

/// Which kernels of this CPU may be believed: those that gave, on small networks, the very logits that plain C gives.
///
/// A CPU that says it can do what it does wrongly (an emulator, a hypervisor that masks half of a feature, a faulty board)
/// must not put labels into the world. Takes a few milliseconds, on the calling thread.
package struct KernelTrust: Sendable {
    /// The features wanted, or what is left of them below the last step that failed.
    package let features: CPUFeatures
    /// One line naming every step that gave wrong answers; nil where none did.
    package let remark: String?
    /// What the check took, in nanoseconds.
    package let elapsedNs: UInt64

    /// Rows, columns and channels of the probes: odd ones for tails of tiles and strips, even ones for whole tiles.
    private static let probes = [(size: 19, channels: 13), (size: 24, channels: 32)]

    /// - Parameters:
    ///   - wanted: what the CPU offers, or less under a mask.
    ///   - logits: how the answers are found; replaced in tests.
    package init(_ wanted: CPUFeatures, logits: (CPUFeatures, Int) -> [Float]? = KernelTrust.logits) {
        let begin = MonotonicClock.now()
        let expected = KernelTrust.probes.indices.map { logits([], $0) }
        var (features, failed): (CPUFeatures, [String]) = (wanted, [])
        while !features.isEmpty, KernelTrust.probes.indices.contains(where: { logits(features, $0) != expected[$0] }) {
            failed.append(features.highestStep)
            features = features.withoutHighestStep
        }
        self.features = features
        elapsedNs = MonotonicClock.now() - begin
        remark =
            failed.isEmpty
            ? nil
            : "this CPU gives wrong results with \(failed.joined(separator: ", ")): using \(features.highestStep) kernels, slower; "
                + "check the machine's memory and clock, and the emulator where it is one"
    }

    /// Logits of probe `number`; nil where there is no memory for it.
    package static func logits(_ features: CPUFeatures, _ number: Int) -> [Float]? {
        let probe = probes[number]
        let graph = ProbeNetwork.graph(seed: UInt64(number), size: probe.size, channels: probe.channels)
        guard let plan = try? Planner.plan(graph, for: features),
            let session = try? Session(plan: plan, maxThreads: 1)
        else { return nil }
        session.setPicture(ProbeNetwork.picture(seed: UInt64(number), size: probe.size).span)
        session.run(threads: 1)
        return session.logits
    }
}
