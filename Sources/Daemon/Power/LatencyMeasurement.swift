internal import Engine
internal import LinuxIO
internal import Power

extension LatencyTable {
    /// A quick estimate where nothing was tuned: a few inferences for each number of threads that is worth asking for, so few
    /// that a start does not wait for a slow network.
    /// - Parameters:
    ///   - rate: inferences a second that are wanted; nil asks for every number of threads.
    ///   - deadlineNs: as in `Demand`.
    static func estimated(_ session: Session, rate: Double?, deadlineNs: Double?) -> LatencyTable {
        var rows: [Row] = []
        for threads in 1...session.maxThreads {
            let bench = measure(session, threads: threads)
            let latency = Double(max(1, bench.percentile(0.5)))
            rows.append(Row(threads: threads, latencyNs: latency, cpuNs: Double(max(1, bench.cpuNs))))
            // Half of the time between two inferences is for the rest; half of the deadline for decoding.
            if let rate, latency <= min(0.4e9 / rate, (deadlineNs ?? .infinity) / 2) { break }
        }
        guard let table = LatencyTable(rows) else {
            // A minute for one inference: nothing to choose from.
            return LatencyTable.unusable
        }
        return table
    }

    /// One inference that fills the caches and wakes the threads; then five, or as many as a tenth of a second has room for.
    /// Where it has room for none the first will do: it lasts so long that what it warmed up is no matter.
    private static func measure(_ session: Session, threads: Int) -> InferenceBench {
        let first = InferenceBench(session, threads: threads, runs: 1, warmUp: 0)
        let room = 100_000_000 / max(1, first.percentile(0.5))
        return room > 0 ? InferenceBench(session, threads: threads, runs: min(5, Int(room)), warmUp: 1) : first
    }

    /// One thread that takes a second.
    static var unusable: LatencyTable {
        guard let table = LatencyTable([Row(threads: 1, latencyNs: 1e9, cpuNs: 1e9)]) else {
            preconditionFailure("a table by construction")
        }
        return table
    }
}
