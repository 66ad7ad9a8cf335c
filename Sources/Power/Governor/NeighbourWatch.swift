/// What other programs use of the CPUs, and when that jumps: their heat comes seconds later, and is known beforehand.
struct NeighbourWatch: Hashable, Sendable {
    /// CPUs that others use as a rule; nil until there is a reading.
    private var usual: Double?

    /// CPUs more than usual that are a jump. The counters have steps of a hundredth of a second.
    private static let leastJump = 0.35
    /// Seconds over which the usual is averaged.
    private static let window = 30.0

    /// - Parameters:
    ///   - others: CPUs that others used since the last reading.
    ///   - seconds: since then.
    /// - Returns: CPUs that others now use more than before, once for each jump; nil where there is none.
    mutating func jump(_ others: Double?, seconds: Double) -> Double? {
        guard let others else { return nil }
        guard let before = usual else {
            usual = others
            return nil
        }
        if others - before >= NeighbourWatch.leastJump {
            usual = others
            return others - before
        }
        // Down at once: a next jump is measured from there.
        usual = others < before ? others : before + (others - before) * min(1, seconds / NeighbourWatch.window)
        return nil
    }
}

/// CPU time that was given up for a neighbour, to be had back when the neighbour goes. A program that comes and goes all the time
/// gets it for good: a change is an event for every subscriber.
struct NeighbourDebt: Hashable, Sendable {
    private var cpus = 0.0
    /// What others used before.
    private var level = 0.0
    private var returns = NeighbourDebt.mostReturns
    private var refilledAt: Double?

    private static let mostReturns = 2.0
    /// Seconds after which one more is granted.
    private static let refill = 900.0

    mutating func add(_ more: Double, othersBefore: Double) {
        if cpus == 0 { level = othersBefore }
        cpus += more
    }

    mutating func forget() { cpus = 0 }

    /// CPUs that may be had back now; 0 for none.
    mutating func settle(_ others: Double?, at now: Double) -> Double {
        if let last = refilledAt {
            let granted = ((now - last) / NeighbourDebt.refill).rounded(.down)
            if granted > 0 {
                returns = min(NeighbourDebt.mostReturns, returns + granted)
                refilledAt = now
            }
        } else {
            refilledAt = now
        }
        guard cpus > 0, let others, others < level + 0.3 * cpus else { return 0 }
        guard returns >= 1 else {
            cpus = 0
            return 0
        }
        returns -= 1
        defer { cpus = 0 }
        return cpus
    }
}
