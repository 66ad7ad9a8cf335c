/// What an inference takes with 1, 2, ... threads on this machine.
package struct LatencyTable: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var threads: Int
        /// Median, in nanoseconds.
        package var latencyNs: Double
        /// CPU time of all threads together, in nanoseconds.
        package var cpuNs: Double
        /// Energy above what the machine takes at rest; nil where nothing measures it.
        package var joules: Double?

        package init(threads: Int, latencyNs: Double, cpuNs: Double, joules: Double? = nil) {
            self.threads = threads
            self.latencyNs = latencyNs
            self.cpuNs = cpuNs
            self.joules = joules
        }
    }

    /// Ascending by threads, from 1 without a gap; not empty.
    package let rows: [Row]

    /// Nil unless the rows are 1, 2, ... threads, at most 1024, with times above 0 and below a minute.
    package init?(_ rows: [Row]) {
        let isTime: (Double) -> Bool = { $0.isFinite && $0 >= 1 && $0 <= 6e10 }
        guard (1...1024).contains(rows.count), zip(rows, 1...).allSatisfy({ $0.threads == $1 }),
            rows.allSatisfy({ isTime($0.latencyNs) && isTime($0.cpuNs) && ($0.joules ?? 0).isFinite })
        else { return nil }
        self.rows = rows
    }

    /// The rows measured, and guesses for more threads up to `count`: four fifths of the work share out evenly.
    package func estimated(upTo count: Int) -> LatencyTable {
        var rows = rows
        let one = rows[0]
        while rows.count < min(count, 1024) {
            let threads = rows.count + 1
            // Never better than what was measured last.
            let latency = max(one.latencyNs * (0.2 + 0.8 / Double(threads)), 1)
            rows.append(Row(threads: threads, latencyNs: latency, cpuNs: max(one.cpuNs, latency * Double(threads))))
        }
        return LatencyTable(rows) ?? self
    }

    /// The same machine at another clock.
    func scaled(by factor: Double) -> LatencyTable {
        LatencyTable(
            rows.map { row in
                Row(
                    threads: row.threads, latencyNs: row.latencyNs * factor, cpuNs: row.cpuNs * factor,
                    joules: row.joules)
            }) ?? self
    }
}
