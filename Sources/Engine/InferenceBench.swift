internal import LinuxIO
package import Planning

/// Latency and CPU time of a session over many inferences.
package struct InferenceBench: Sendable {
    /// One inference a value, in nanoseconds, sorted.
    package let latencies: [UInt64]
    /// CPU time of the whole process an inference, in nanoseconds.
    package let cpuNs: UInt64

    /// Runs `warmUp` inferences that do not count and `runs` that do, back to back on the calling thread.
    /// - Parameter runs: at least 1.
    package init(_ session: Session, threads: Int, runs: Int, warmUp: Int = 10) {
        self.init(runs: runs, warmUp: warmUp) { session.run(threads: threads) }
    }

    /// The same for any body.
    package init(runs: Int, warmUp: Int, _ body: () -> Void) {
        precondition(runs >= 1)
        for _ in 0..<warmUp { body() }
        var latencies: [UInt64] = []
        latencies.reserveCapacity(runs)
        let cpu = CPUClock.process()
        for _ in 0..<runs {
            let begin = MonotonicClock.now()
            body()
            latencies.append(MonotonicClock.now() - begin)
        }
        cpuNs = (CPUClock.process() - cpu) / UInt64(runs)
        self.latencies = latencies.sorted()
    }

    package var minimum: UInt64 { latencies[0] }
    package var maximum: UInt64 { latencies[latencies.count - 1] }

    /// Nearest-rank percentile, `share` in (0, 1].
    package func percentile(_ share: Double) -> UInt64 {
        let rank = (share * Double(latencies.count)).rounded(.up)
        return latencies[min(latencies.count - 1, max(0, Int(rank) - 1))]
    }

    /// Minimum and median of every step over `runs` timed inferences, in nanoseconds, in the plan's order.
    package static func steps(
        _ session: Session, threads: Int, runs: Int
    ) -> [(step: Step, minimum: UInt64, median: UInt64)] {
        precondition(runs >= 1)
        for _ in 0..<10 { session.run(threads: threads) }
        var times = [[UInt64]](repeating: [], count: session.plan.steps.count)
        for _ in 0..<runs {
            for (index, time) in session.runTimed(threads: threads).enumerated() { times[index].append(time) }
        }
        return zip(session.plan.steps, times).map { step, times in
            let sorted = times.sorted()
            return (step, sorted[0], sorted[sorted.count / 2])
        }
    }
}
