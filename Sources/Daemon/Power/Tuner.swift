package import Engine
internal import LinuxIO
package import Power

/// Measures what the governor wants to know: latency, CPU time and, where there is a meter, energy for each number of threads.
package struct Tuner {
    /// Inferences a number of threads.
    package let runs: Int
    private let reader: SensorRoot

    /// - Parameter runs: at least 1; the median of so many.
    package init(runs: Int, sensors: SensorRoot = SensorRoot()) {
        self.runs = runs
        reader = sensors
    }

    /// One row a number of threads, 1 to `session.maxThreads`. Takes `runs` inferences each, and with a meter ten seconds more
    /// to see what the machine takes at rest.
    /// - Parameter progress: called before each number of threads.
    package func measure(_ session: Session, progress: (_ threads: Int) -> Void) -> [TuningFile.Row] {
        let restWatts = hasMeter ? watts { sleep(seconds: 10) }.watts : nil
        return (1...session.maxThreads).map { threads in
            progress(threads)
            var bench: InferenceBench?
            let spent = watts { bench = InferenceBench(session, threads: threads, runs: runs, warmUp: 20) }
            let result = bench ?? InferenceBench(session, threads: threads, runs: runs)
            // Energy above rest: what an inference adds to the bill.
            let joules = restWatts.flatMap { rest in
                spent.watts.map { max(0, $0 - rest) * spent.seconds / Double(runs + 20) }
            }
            return TuningFile.Row(
                threads: threads, latencyMs: Double(result.percentile(0.5)) / 1e6, cpuMs: Double(result.cpuNs) / 1e6,
                joules: joules.flatMap { $0 > 0 ? $0 : nil })
        }
    }

    private var hasMeter: Bool { SensorReader(reader).available.contains { $0.hasPrefix("watts") } }

    /// Mean power while `body` runs; nil where nothing measures it.
    private func watts(_ body: () -> Void) -> (watts: Double?, seconds: Double) {
        var sensors = SensorReader(reader)
        let begin = sensors.read()
        body()
        let end = sensors.read()
        return (end.watts, Double(end.atNs - begin.atNs) / 1e9)
    }

    private func sleep(seconds: Int) {
        let bed = FutexWord()
        let end = MonotonicClock.now() + UInt64(seconds) * 1_000_000_000
        while true {
            let now = MonotonicClock.now()
            if now >= end { return }
            bed.wait(while: 0, timeoutNs: end - now)
        }
    }
}
