internal import Power

/// The most that a setting which never changes could do without passing the limit: found by search, with the whole trace
/// known beforehand. What the governor, which knows only the past, is measured against.
package enum BestConstant {
    package struct Setting: Sendable {
        package let threads: Int
        package let rate: Double
        package let outcome: Simulation.Outcome
    }

    /// - Parameter limit: degrees that the die must not pass.
    package static func search(_ simulation: Simulation, limit: Double) -> Setting? {
        (1...simulation.board.cpus).compactMap { threads in
            let row = simulation.board.table.rows[threads - 1]
            var (low, high) = (0.0, 1e9 / (row.latencyNs + simulation.board.preparationNs))
            let full = simulation.run(.constant(threads: threads, rate: high))
            if full.hottest <= limit { return Setting(threads: threads, rate: high, outcome: full) }
            var best: Setting?
            for _ in 0..<12 {
                let rate = (low + high) / 2
                let outcome = simulation.run(.constant(threads: threads, rate: rate))
                if outcome.hottest <= limit {
                    best = Setting(threads: threads, rate: rate, outcome: outcome)
                    low = rate
                } else {
                    high = rate
                }
            }
            return best
        }.max { $0.outcome.inferences < $1.outcome.inferences }
    }
}
