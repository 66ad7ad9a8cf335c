import LinuxIO

/// Time of one call, from many.
package struct Timing: Hashable, Sendable {
    /// The fastest sample: what the code costs when nothing disturbs it.
    package let minimumNs: Double
    /// The middle sample: what it costs here and now. Far from the minimum, the machine was busy.
    package let medianNs: Double
}

/// Measures short calls: warmed up, several calls a sample, the clock's own cost subtracted. Outliers cannot reach the
/// minimum or the median. Throughput, not latency: calls follow each other without a pause.
struct Stopwatch {
    /// What two readings of the clock in a row differ by, in nanoseconds.
    let overheadNs: Double
    /// Time to spend on one call's samples.
    let budgetNs: UInt64

    private static let warmUpNs: UInt64 = 1_000_000  // AVX-512 units and clocks need some 20 us, caches less
    private static let sampleNs = 50_000.0
    private static let sampleLimits = 7...101

    init(budgetNs: UInt64) {
        self.budgetNs = budgetNs
        var differences = (0..<101).map { _ in
            let start = MonotonicClock.now()
            return Double(MonotonicClock.now() - start)
        }
        differences.sort()
        overheadNs = differences[differences.count / 2]
    }

    func time(_ call: () -> Void) -> Timing {
        let start = MonotonicClock.now()
        var calls = 0
        repeat {
            call()
            calls += 1
        } while MonotonicClock.now() - start < Stopwatch.warmUpNs
        let roughNs = max(1, Double(MonotonicClock.now() - start) / Double(calls))
        let perSample = max(1, Int(Stopwatch.sampleNs / roughNs))
        let affordable = Int(Double(budgetNs) / (roughNs * Double(perSample)))
        let count = max(Stopwatch.sampleLimits.lowerBound, min(Stopwatch.sampleLimits.upperBound, affordable))
        var samples = (0..<count).map { _ in
            let start = MonotonicClock.now()
            for _ in 0..<perSample { call() }
            let elapsed = Double(MonotonicClock.now() - start) - overheadNs
            return max(0, elapsed) / Double(perSample)
        }
        samples.sort()
        return Timing(minimumNs: samples[0], medianNs: samples[samples.count / 2])
    }
}
