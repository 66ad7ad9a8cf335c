/// Keeps the CPU just below a temperature by limiting the CPU time the daemon uses.
///
/// Heat is power times thermal resistance, late by minutes: so the regulator looks where the temperature is going, not only
/// where it is. It cuts when the line through the last half minute would cross the limit, in proportion to the heat that is
/// the load's; it raises only when the temperature has settled below the limit, by less than would bring it there. A raise
/// that had to be taken back makes it more patient.
struct ThermalRegulator: Hashable, Sendable {
    /// CPUs; nil while there is no need for a limit.
    private(set) var cap: Double?
    private var trend = Trend()
    private var changedAt = -Double.infinity
    /// Of a raise whose success is still open.
    private var raisedAt: Double?
    private var seenAt = -Double.infinity
    private var patience = ThermalRegulator.leastPatience
    private var wasActive = false
    private var neighbours = NeighbourWatch()
    private var debt = NeighbourDebt()
    private var visits = NeighbourVisits(rise: ThermalRegulator.quickRise)
    /// The temperature while nobody visits: what the daemon's own load comes to.
    private var calm = Trend()

    /// Seconds of rest between changes: long enough to see what the last one did.
    private static let leastPatience = 90.0
    private static let mostPatience = 1440.0
    /// Seconds that the chip itself takes to follow a change: what it does in them says nothing about the board.
    private static let settling = 8.0
    /// How far below the limit it aims, in degrees: noise of the sensor and of the room, and what a neighbour heats the chip in the
    /// second before its load is seen (1.1 on a Raspberry Pi 5). Costs half a percent of the work there.
    private static let margin = 0.9
    /// The same where room is kept for visits: there is no surprise in the second before one is seen.
    private static let marginOfVisits = 0.4
    private var margin: Double {
        visits.room > 0 ? ThermalRegulator.marginOfVisits * max(1, visits.kept) : ThermalRegulator.margin
    }
    /// Part of the temperature that is the load's and not the room's or the board's own, in degrees, as long as nothing
    /// better is known. A Raspberry Pi 4 or 5 without a fan idles about 25 degrees below its limit.
    private static let dynamicRange = 28.0
    /// Degrees that one busy CPU adds within seconds, before the board has warmed: decides how much load a cool chip on a
    /// warm board may be given at once.
    private static let quickRise = 4.0

    struct Input {
        /// Seconds.
        var at: Double
        /// Degrees; nil when there is no reading.
        var celsius: Double?
        /// Degrees.
        var limit: Double
        /// The firmware or the kernel holds the clock down.
        var isThrottled: Bool
        /// CPUs the daemon uses now.
        var used: Double
        /// CPUs it would use without a limit.
        var wanted: Double
        /// CPUs below which there is no point in cutting.
        var floor: Double
        /// CPUs that other programs use; nil where it is not known.
        var others: Double?
        /// Since the last input.
        var seconds: Double
    }

    mutating func update(_ input: Input) {
        guard let celsius = input.celsius else { return withoutReading(input) }
        if input.at - seenAt > 30 {
            trend.forget()
            calm.forget()
        }
        seenAt = input.at
        trend.add(celsius, at: input.at)
        if visits.isCalm(at: input.at) { calm.add(celsius, at: input.at) }
        begin(input, celsius)
        if anticipate(input) || yield(input) || shouldCut(input) { return }
        raise(input)
    }

    /// Load that begins on a warm board: what it adds at once must fit below the limit.
    private mutating func begin(_ input: Input, _ celsius: Double) {
        let isActive = input.wanted > input.floor * 1.01
        defer { wasActive = isActive }
        guard isActive, !wasActive else { return }
        let room = max(0, input.limit - 1 - celsius) / ThermalRegulator.quickRise
        if room < input.wanted {
            cap = max(input.floor, min(cap ?? .infinity, room))
            changedAt = input.at
        }
    }

    /// Other programs took CPUs this moment: the heat of as many of ours makes room for theirs before it is there. One that comes by
    /// again and again has that room kept for it, so that not every visit is a change.
    private mutating func anticipate(_ input: Input) -> Bool {
        let jump = neighbours.jump(input.others, seconds: input.seconds)
        guard let jump, let others = input.others else {
            visits.follow(others: input.others, level: trend.mean(window: 2), at: input.at)
            return takeBack(input)
        }
        let isKnown = visits.room > 0
        let rise = visits.begin(jump: jump, before: others - jump, level: calm.mean(window: 8), at: input.at)
        guard let level = trend.mean(window: 4) else { return false }
        // One that room was kept for is a surprise only where it will heat the chip above the limit after all.
        let excess =
            isKnown
            ? (calm.mean(window: 20) ?? level) + rise - (input.limit + 0.4)
            : level + rise - (input.limit - margin)
        return giveUp(excess, input, for: jump, of: others)
    }

    /// A neighbour stays longer than room is kept for, or heats more than those before: what it will yet add is made room for.
    private mutating func yield(_ input: Input) -> Bool {
        guard let visit = visits.present(at: input.at), input.at - changedAt >= 4,
            let level = trend.mean(window: 2), let others = input.others
        else { return false }
        let goal = level + visit.cpus * 0.8
        guard goal > input.limit + (visit.isLong ? 0 : 1.4) else { return false }
        return giveUp(goal - input.limit, input, for: visit.cpus, of: others)
    }

    /// CPUs for the degrees that a neighbour's would be too much, at most as many as it uses; had back when it goes.
    /// - Returns: whether that is worth a change.
    private mutating func giveUp(_ degrees: Double, _ input: Input, for cpus: Double, of others: Double) -> Bool {
        let used = min(input.used, cap ?? .infinity)
        let less = min(cpus, degrees / ThermalRegulator.quickRise, used - input.floor)
        guard less > 0.05 else { return false }
        cut(input, to: used - less)
        debt.add(less, othersBefore: others - cpus)
        return true
    }

    /// What was given up for a neighbour that is gone.
    private mutating func takeBack(_ input: Input) -> Bool {
        let back = debt.settle(input.others, at: input.at)
        guard back > 0, let cap else { return false }
        set(raised: cap + 0.9 * back, input)
        raisedAt = nil
        return true
    }

    private mutating func shouldCut(_ input: Input) -> Bool {
        let rest = input.at - changedAt
        let base = input.limit - ThermalRegulator.dynamicRange
        let used = min(input.used, cap ?? .infinity)
        guard used > input.floor else { return false }
        // A visit that was expected says nothing about our own load.
        let isCalm = visits.isCalm(at: input.at)
        if visits.isExpected(at: input.at) && !isCalm && !input.isThrottled { return false }
        let slow = visits.room > 0 && isCalm ? calm : trend
        let limit = input.limit - (isCalm ? visits.room : 0)
        let target = limit - margin
        if input.isThrottled && rest >= 15 {
            cut(input, to: used * 0.8)
            return true
        }
        // On its way to the limit.
        let quick = trend.line(window: 24, since: changedAt + ThermalRegulator.settling)
        if rest >= 12, let quick, quick.slope > 0.05, quick.level + quick.slope * 20 > limit {
            let goal = quick.level + max(0, quick.slope) * 60
            cut(input, to: used * share(from: goal, to: target, base: base, least: 0.6, most: 0.96))
            return true
        }
        // Something else heats the chip: there is no time to look where that leads.
        if rest >= 4, let level = trend.mean(window: 3), level > limit + 1.6 {
            cut(input, to: used * share(from: level + 3, to: target, base: base, least: 0.5, most: 0.9))
            return true
        }
        // Hot before there is a line: jumped above the limit.
        if rest >= 8, let level = trend.mean(window: 8), level > limit + 0.8 {
            cut(input, to: used * share(from: level, to: target, base: base, least: 0.6, most: 0.96))
            return true
        }
        // Settled a little above it.
        if rest >= 45, let level = slow.mean(window: 30), level > limit + 0.15 {
            let slope = slow.line(window: 90, since: changedAt + ThermalRegulator.settling)?.slope ?? 0
            guard slope > -0.01 else { return false }
            cut(
                input,
                to: used * share(from: level + max(0, slope) * 100, to: target, base: base, least: 0.8, most: 0.985))
            return true
        }
        return false
    }

    private mutating func cut(_ input: Input, to cpus: Double) {
        if let raisedAt, input.at - raisedAt < 600 { patience = min(ThermalRegulator.mostPatience, patience * 2) }
        raisedAt = nil
        cap = max(input.floor, cpus)
        changedAt = input.at
        visits.changed()
    }

    private mutating func raise(_ input: Input) {
        guard let cap, !input.isThrottled else { return }
        let trend = visits.room > 0 ? calm : trend
        let rest = input.at - changedAt
        if let raisedAt, input.at - raisedAt >= 600 {
            patience = max(ThermalRegulator.leastPatience, patience / 2)
            self.raisedAt = nil
        }
        guard let mean = trend.mean(window: 30) else { return }
        // A limit that is none any more.
        if cap >= input.wanted && rest >= 120 && mean < input.limit - 3 {
            self.cap = nil
            changedAt = input.at
            return
        }
        guard input.used >= 0.8 * cap else { return }
        let base = input.limit - ThermalRegulator.dynamicRange
        let limit = input.limit - visits.room
        if rest >= 20, let quick = trend.line(window: 20, since: changedAt + ThermalRegulator.settling),
            quick.level + max(0, quick.slope) * 120 < limit - 6
        {
            // Far below: no need to creep.
            let room = (limit - 4 - quick.level) / ThermalRegulator.quickRise
            debt.forget()
            set(raised: cap + min(0.5 * cap, room), input)
            return
        }
        guard rest >= patience, let line = trend.line(window: 80, since: changedAt + ThermalRegulator.settling) else {
            return
        }
        let goal = line.level + line.slope * 150
        guard goal < limit - margin, mean < limit - margin else { return }
        debt.forget()
        let share = share(
            from: max(goal, mean - 3), to: limit - margin, base: base, least: 1, most: 1.25)
        set(raised: min(cap, input.used) * (1 + 0.7 * (share - 1)), input)
    }

    private mutating func set(raised cpus: Double, _ input: Input) {
        guard let cap, cpus > cap * 1.015 else { return }
        self.cap = cpus >= input.wanted ? nil : cpus
        visits.changed()
        changedAt = input.at
        raisedAt = input.at
    }

    /// What the load must be multiplied with to come from one temperature to another.
    private func share(from: Double, to: Double, base: Double, least: Double, most: Double) -> Double {
        let share = (to - base) / max(3, from - base)
        return min(most, max(least, share))
    }

    /// The sensor is gone: the last limit holds for some minutes and is then given up step by step.
    private mutating func withoutReading(_ input: Input) {
        if input.isThrottled && input.at - changedAt >= 15 && min(input.used, cap ?? .infinity) > input.floor {
            return cut(input, to: min(input.used, cap ?? .infinity) * 0.8)
        }
        guard let cap, !input.isThrottled, input.at - max(seenAt, changedAt) >= 300 else { return }
        self.cap = cap * 1.3 >= input.wanted ? nil : cap * 1.3
        changedAt = input.at
    }
}
