/// A limit on the working point.
struct Constraint: Hashable, Sendable {
    /// CPU seconds a second.
    var cpus = Double.infinity
    /// At least 1.
    var threads = Int.max
    /// Share of the rate asked for.
    var rateShare = 1.0
    var cause: Cause
}

/// From a demand and what is allowed to threads and rate: pace to idle, that is the cheapest number of threads that keeps up,
/// asleep in between. (Racing to idle can take three times the energy; pacing is never more than 12 % from the best:
/// Kim, Imes and Hoffmann, "Racing and Pacing to Idle", CPSNA 2015.)
struct PointChooser {
    /// An inference may take this share of the time between two, so that decoding, publishing and others fit.
    static let share = 0.5

    let demand: Demand
    let table: LatencyTable
    /// CPU time of making an inference's input, in nanoseconds.
    let preparationNs: Double
    /// The number of threads now, which is kept where the choice is close.
    let current: Int?

    struct Point: Hashable {
        var threads: Int
        var rate: Double?
        /// What it amounts to, also where `rate` is nil.
        var achieved: Double
        var keepsUp: Bool
    }

    func point(under limits: [Constraint]) -> Point {
        let cpus = limits.map(\.cpus).min() ?? .infinity
        let share = limits.map(\.rateShare).min() ?? 1
        let points = rows(limits.map(\.threads).min() ?? .max).map { (row: $0, point: point($0, cpus, share)) }
        let fitting = points.filter(\.point.keepsUp)
        if demand.rate != nil, let best = fitting.min(by: { PointChooser.isCheaper($0.row, $1.row) }) {
            return best.point
        }
        // Nobody keeps up, or as many as possible are wanted: the most, and of those that are as good the cheapest.
        let most = points.map(\.point.achieved).max() ?? 0
        let good = points.filter { $0.point.achieved >= 0.98 * most }
        return (good.min { PointChooser.isCheaper($0.row, $1.row) } ?? points[0]).point
    }

    private func rows(_ most: Int) -> [LatencyTable.Row] {
        switch demand.threads {
        case .automatic: return Array(table.rows.prefix(max(1, most)))
        case .fixed(let count):
            let known = table.estimated(upTo: max(1, count)).rows
            return [known[min(max(1, count), known.count) - 1]]
        }
    }

    private func point(_ row: LatencyTable.Row, _ cpus: Double, _ share: Double) -> Point {
        let allowed = cpus * 1e9 / (row.cpuNs + preparationNs)
        let possible = 1e9 / (row.latencyNs + preparationNs)
        let isInTime = demand.deadlineNs.map { row.latencyNs + preparationNs <= $0 } ?? true
        guard let asked = demand.rate else {
            let rate = min(allowed, possible * share)
            let isFree = rate >= possible
            return Point(threads: row.threads, rate: isFree ? nil : rate, achieved: rate, keepsUp: isInTime)
        }
        let rate = min(asked * share, allowed)
        // A change of threads must be worth it: the present number may be a little late, a smaller one must be well in time.
        var slack = 1.0
        if let current { slack = row.threads < current ? 0.9 : 1.1 }
        return Point(
            threads: row.threads, rate: rate, achieved: min(rate, possible),
            keepsUp: isInTime && row.latencyNs <= slack * PointChooser.share * 1e9 / rate)
    }

    /// By energy where it was measured, else by CPU time; fewer threads where that is equal.
    private static func isCheaper(_ one: LatencyTable.Row, _ other: LatencyTable.Row) -> Bool {
        if let first = one.joules, let second = other.joules, first > 0, second > 0, first != second {
            return first < second
        }
        // Two threads may seem to take a little less CPU time than one, by chance: that is no reason to wake a second CPU.
        return one.cpuNs * (one.threads < other.threads ? 0.95 : 1) < other.cpuNs
            * (one.threads > other.threads ? 0.95 : 1)
    }
}
