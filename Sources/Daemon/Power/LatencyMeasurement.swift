internal import Engine
internal import LinuxIO
internal import Power

extension LatencyTable {
    /// A quick estimate where nothing was tuned: a few inferences for each number of threads that is worth asking for.
    /// - Parameters:
    ///   - rate: inferences a second that are wanted; nil asks for every number of threads.
    ///   - deadlineNs: as in `Demand`.
    static func estimated(_ session: Session, rate: Double?, deadlineNs: Double?) -> LatencyTable {
        var rows: [Row] = []
        for threads in 1...session.maxThreads {
            let bench = InferenceBench(session, threads: threads, runs: 5, warmUp: 2)
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

    /// One thread that takes a second.
    static var unusable: LatencyTable {
        guard let table = LatencyTable([Row(threads: 1, latencyNs: 1e9, cpuNs: 1e9)]) else {
            preconditionFailure("a table by construction")
        }
        return table
    }
}
