internal import LinuxIO

/// Latency and CPU time of a session over many inferences.
package struct InferenceBench: Sendable {
    /// One inference a value, in nanoseconds, sorted.
    package let latencies: [UInt64]
    /// CPU time of the whole process an inference, in nanoseconds.
    package let cpuNs: UInt64

    /// Runs `warmUp` inferences that do not count and `runs` that do, on the calling thread.
    /// - Parameters:
    ///   - runs: at least 1.
    ///   - periodNs: from the beginning of one counted inference to the next, asleep in between; 0 runs them back to back.
    package init(_ session: Session, threads: Int, runs: Int, warmUp: Int = 10, periodNs: UInt64 = 0) {
        self.init(runs: runs, warmUp: warmUp, periodNs: periodNs) { session.run(threads: threads) }
    }

    /// The same for any body.
    package init(runs: Int, warmUp: Int, periodNs: UInt64 = 0, _ body: () -> Void) {
        precondition(runs >= 1)
        for _ in 0..<warmUp { body() }
        var latencies: [UInt64] = []
        latencies.reserveCapacity(runs)
        let bed = FutexWord()
        let cpu = CPUClock.process()
        var due = MonotonicClock.now()
        for _ in 0..<runs {
            due += periodNs
            if periodNs > 0 { InferenceBench.sleep(until: due, on: bed) }
            let begin = MonotonicClock.now()
            body()
            latencies.append(MonotonicClock.now() - begin)
        }
        cpuNs = (CPUClock.process() - cpu) / UInt64(runs)
        self.latencies = latencies.sorted()
    }

    /// Nobody wakes `bed`: only the time ends the wait.
    private static func sleep(until dueNs: UInt64, on bed: FutexWord) {
        while true {
            let now = MonotonicClock.now()
            if now >= dueNs { return }
            bed.wait(while: 0, timeoutNs: dueNs - now)
        }
    }

    package var minimum: UInt64 { latencies[0] }
    package var maximum: UInt64 { latencies[latencies.count - 1] }

    /// Nearest-rank percentile, `share` in (0, 1].
    package func percentile(_ share: Double) -> UInt64 {
        let rank = (share * Double(latencies.count)).rounded(.up)
        return latencies[min(latencies.count - 1, max(0, Int(rank) - 1))]
    }
}
