internal import CKernels

/// A loop of nothing but one dot-product instruction: what the CPU could do at best, to hold kernels against.
package struct PeakLoop: Hashable, Sendable {
    /// The instruction.
    package let name: String
    package let needs: CPUFeatures
    /// Multiply-accumulates of bytes a step.
    package let macsPerStep: Int
    private let row: Int

    /// Every loop for this architecture, best first.
    package static let all: [PeakLoop] = {
        var count: Int32 = 0
        guard let table = unsafe tsr_peak_table(&count) else { return [] }
        return (0..<Int(count)).map { index in
            let entry = unsafe table[index]
            let name = unsafe entry.name.map { unsafe String(cString: $0) } ?? "?"
            return unsafe PeakLoop(
                name: name, needs: CPUFeatures(rawValue: entry.needs), macsPerStep: Int(entry.macs), row: index)
        }
    }()

    /// The best loop that the features allow.
    package static func best(for features: CPUFeatures) -> PeakLoop? {
        all.first { features.isSuperset(of: $0.needs) }
    }

    /// The CPU must have what the loop needs.
    package func run(steps: Int) {
        precondition(CPUFeatures.detected.isSuperset(of: needs), "this CPU lacks \(name)")
        var count: Int32 = 0
        unsafe tsr_peak_table(&count)[row].run(Int64(steps))
    }
}
