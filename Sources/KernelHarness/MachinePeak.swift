package import Kernels

/// What this CPU's best dot-product instruction reaches on one thread, measured now.
package struct MachinePeak: Sendable {
    package let loop: PeakLoop
    /// 10^9 multiply-accumulates of bytes a second: of the fastest sample.
    package let gmacsPerSecond: Double
    /// Of the middle sample: lower than the fastest where the machine is busy.
    package let medianGmacsPerSecond: Double

    /// - Returns: nil where no loop runs on these features. Takes about 20 ms.
    package static func measure(features: CPUFeatures = .detected) -> MachinePeak? {
        PeakLoop.best(for: features).map(measure)
    }

    /// Every loop the features allow, best first.
    package static func measureAll(features: CPUFeatures = .detected) -> [MachinePeak] {
        PeakLoop.all.filter { features.isSuperset(of: $0.needs) }.map(measure)
    }

    private static func measure(_ loop: PeakLoop) -> MachinePeak {
        let steps = 10_000
        let timing = Stopwatch(budgetNs: 20_000_000).time { loop.run(steps: steps) }
        let macs = Double(steps * loop.macsPerStep)
        return MachinePeak(
            loop: loop, gmacsPerSecond: macs / timing.minimumNs, medianGmacsPerSecond: macs / timing.medianNs)
    }
}
