/// Programs that come by again and again: how much they heat the chip in their first seconds, learned from their visits, so that just
/// that much room is kept for the next and not every visit is a change.
struct NeighbourVisits: Hashable, Sendable {
    /// CPUs that room is kept for; 0 while nobody came by twice within `memory`.
    private(set) var kept = 0.0
    /// Degrees that one CPU of theirs adds within `shortly`.
    private var risePerCPU: Double
    private var lastAt = -Double.infinity
    /// When as many CPUs as are kept were last taken.
    private var keptAt = -Double.infinity
    private var current: Visit?
    /// Seconds that the longest of late lasted, at most `shortly`.
    private var usually = 0.0

    private struct Visit: Hashable, Sendable {
        let since: Double
        /// Degrees before it.
        let level: Double?
        /// CPUs that others use as long as it lasts, at least.
        let others: Double
        let jump: Double
        /// Degrees it has come to; nil when our own load changed meanwhile, so that what it heats is not its own.
        var peak: Double?
    }

    /// Seconds for which visits are remembered.
    private static let memory = 900.0
    /// Seconds in which a load heats the chip itself; the board takes minutes.
    private static let shortly = 5.0
    /// Seconds after which one that is still there has come to stay.
    private static let longest = 90.0
    /// Seconds after a visit until the chip is as cool as before it.
    private static let cooling = 15.0

    /// - Parameter rise: degrees that one CPU adds within seconds, as long as none was seen.
    init(rise: Double) { risePerCPU = rise }

    /// Degrees that are kept free for the next visit; 0 for none.
    var room: Double { kept * risePerCPU }

    /// Whether the chip has the temperature that our own load gives it.
    func isCalm(at now: Double) -> Bool { current == nil && now - lastAt > NeighbourVisits.cooling }

    /// Whether one is there, or was there just now, that room is kept for.
    func isExpected(at now: Double) -> Bool {
        guard kept > 0 else { return false }
        guard let current else { return now - lastAt <= NeighbourVisits.cooling }
        return current.jump <= 1.2 * kept && now - current.since <= NeighbourVisits.shortly
    }

    /// - Parameters:
    ///   - jump: CPUs that others use more than before.
    ///   - before: what they used.
    ///   - level: degrees before it.
    /// - Returns: degrees that it will add within seconds.
    mutating func begin(jump: Double, before: Double, level: Double?, at now: Double) -> Double {
        if now - lastAt < NeighbourVisits.memory, jump > 0.8 * kept || now - keptAt > NeighbourVisits.memory {
            kept = now - keptAt > NeighbourVisits.memory ? jump : max(kept, jump)
            keptAt = now
        }
        lastAt = now
        current = Visit(since: now, level: level, others: before + 0.5 * jump, jump: jump, peak: level)
        return jump * risePerCPU
    }

    /// CPUs that one uses which is there, and whether it stays longer than those before; nil where none is.
    func present(at now: Double) -> (cpus: Double, isLong: Bool)? {
        current.map { ($0.jump, now - $0.since > max(4, usually)) }
    }

    /// Our own load changed.
    mutating func changed() { current?.peak = nil }

    /// - Parameters:
    ///   - others: CPUs that others use; nil where it is not known.
    ///   - level: degrees of the last seconds.
    mutating func follow(others: Double?, level: Double?, at now: Double) {
        if current == nil, now - lastAt > NeighbourVisits.memory { kept = 0 }
        guard let visit = current else { return }
        if now - visit.since > NeighbourVisits.longest { return current = nil }
        guard let others else { return }
        guard others < visit.others else {
            lastAt = now
            if visit.peak != nil, let level, now - visit.since <= NeighbourVisits.shortly { current?.peak = level }
            return
        }
        current = nil
        usually = max(min(NeighbourVisits.shortly, lastAt - visit.since + 1), usually - 0.5)
        guard let before = visit.level, let peak = visit.peak else { return }
        let more = min(8, max(1, (peak - before) / visit.jump)) - risePerCPU
        // A short one says how much it is at least.
        let isWhole = lastAt - visit.since >= NeighbourVisits.shortly - 1
        risePerCPU += more * (more > 0 ? 0.5 : isWhole ? 0.2 : 0)
    }
}
