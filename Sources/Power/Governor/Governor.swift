/// Chooses the working point: the fewest watts that do what was asked, within what the machine can bear.
///
/// `decide` is a pure function of the readings, the demand and the state (with the table it was made with): no clock, no
/// file, no randomness, so that simulated hours run in milliseconds and a recorded day can be run again.
package struct Governor: Hashable, Sendable {
    private var limits: PowerLimits
    private var table: LatencyTable
    private var maxThreads: Int

    /// Seconds of its own, which only advance, whatever the readings' clock does.
    private var now = 0.0
    private var lastAtNs: UInt64?
    private var heat = ThermalRegulator()
    private var watts = ShareRegulator()
    private var cpu = ShareRegulator()
    private var undervoltage = StepRegulator(deepest: 4, delay: 0, patience: 60)
    private var contention = StepRegulator(deepest: 8, delay: 3, patience: 30)
    private var supply = SupplyPolicy()
    private var clock = ClockScale()
    /// CPU time of making an input: its mean, and the value that is computed with, which follows in coarse steps.
    private var preparationMeanNs = 0.0
    private var preparationNs = 0.0
    private var used: Double?
    /// What `waiting` was when it last cost a step: the cause, for as long as the step is not taken back.
    private var crowding = 0.0
    private var waiting = 0.0
    private var decision: Decision?

    /// - Parameters:
    ///   - maxThreads: what an inference may be given at most, at least 1.
    ///   - table: for 1 to `maxThreads` threads; guesses are made for those that are missing.
    package init(limits: PowerLimits, table: LatencyTable, maxThreads: Int) {
        let count = max(1, maxThreads)
        self.limits = limits
        self.maxThreads = count
        self.table = table.estimated(upTo: count)
    }

    /// Another model or other limits, on the same machine: what is known of its heat stays.
    package mutating func change(limits: PowerLimits, table: LatencyTable, maxThreads: Int) {
        let next = Governor(limits: limits, table: table, maxThreads: maxThreads)
        if next.limits != self.limits { (watts, cpu) = (ShareRegulator(), ShareRegulator()) }
        (self.limits, self.table, self.maxThreads) = (next.limits, next.table, next.maxThreads)
        clock = ClockScale()
        (preparationMeanNs, preparationNs) = (0, 0)
    }

    /// The next decision. Threads are between 1 and `maxThreads` (or as fixed), the rate between the floor and what was
    /// asked for, whatever the readings say.
    package mutating func decide(_ readings: Readings, _ demand: Demand) -> Decision {
        let asked = demand.sanitized
        let seconds = advance(to: readings.atNs)
        let sane = readings.sanitized
        clock.update(sane.inference, table, at: now)
        if let preparation = sane.inference?.preparationNs {
            preparationMeanNs += (preparation - preparationMeanNs) * (preparationMeanNs == 0 ? 1 : 0.1)
            if abs(preparationMeanNs - preparationNs) > 0.25 * preparationNs { preparationNs = preparationMeanNs }
        }
        let scaled = clock.factor == 1 ? table : table.scaled(by: clock.factor)
        let chooser = PointChooser(
            demand: asked, table: scaled, preparationNs: preparationNs, current: decision?.threads)
        let hardware = hardwareLimits(sane)
        let free = chooser.point(under: hardware)
        let constraints = hardware + regulate(sane, asked, chooser, free, scaled, seconds)
        let next = compose(asked, chooser, constraints)
        decision = next
        return next
    }

    /// The limits there are by nature: these CPUs and no others.
    private func hardwareLimits(_ readings: Readings) -> [Constraint] {
        var limits = [Constraint(threads: min(maxThreads, readings.allowedCPUs ?? maxThreads), cause: .demand)]
        if let quota = readings.quotaCPUs {
            // Who uses the whole quota is stopped until the next period, which shows as a late result; work comes in bursts, and
            // capturing and publishing take their part.
            limits.append(
                Constraint(cpus: 0.8 * quota, threads: max(1, Int(quota.rounded(.up))), cause: .quota(cpus: quota)))
        }
        return limits
    }

    private mutating func regulate(
        _ readings: Readings, _ demand: Demand, _ chooser: PointChooser, _ free: PointChooser.Point,
        _ table: LatencyTable, _ seconds: Double
    ) -> [Constraint] {
        let cost = { (point: PointChooser.Point) -> Double in
            let row = table.rows[min(point.threads, table.rows.count) - 1]
            return point.achieved * (row.cpuNs + chooser.preparationNs) / 1e9
        }
        let wanted = demand.isWanted ? cost(free) : 0
        let floor = min(wanted, PowerLimits.floorRate * (table.rows[0].cpuNs + chooser.preparationNs) / 1e9)
        let used = smoothUse(readings, demand, wanted, seconds)
        var constraints: [Constraint] = []
        regulateHeat(readings, used, wanted, floor, seconds, &constraints)
        regulateWattsAndCPU(readings, used, wanted, floor, &constraints)
        regulateAlarms(readings, demand, chooser, used, seconds, &constraints)
        if let share = supply.update(readings.supply, at: now) {
            constraints.append(Constraint(rateShare: share, cause: .battery(percent: readings.supply?.percent)))
        }
        return constraints
    }

    /// CPUs in use: measured where possible, else what the last decision comes to.
    private mutating func smoothUse(
        _ readings: Readings, _ demand: Demand, _ wanted: Double, _ seconds: Double
    ) -> Double {
        let measured = readings.ownCPUs ?? (demand.isWanted ? wanted : 0)
        let weight = min(1, seconds / 5)
        let smooth = (used ?? measured) + (measured - (used ?? measured)) * weight
        used = smooth
        return smooth
    }

    private mutating func regulateHeat(
        _ readings: Readings, _ used: Double, _ wanted: Double, _ floor: Double, _ seconds: Double,
        _ constraints: inout [Constraint]
    ) {
        let limit =
            limits.maxTemperatureCelsius
            ?? readings.temperature?.passiveTripCelsius.map { min(95, max(50, $0 - 5)) }
            ?? PowerLimits.defaultTemperatureCelsius
        let isThrottled = readings.throttling?.isThrottled == true || readings.frequency?.isHeldDown == true
        heat.update(
            ThermalRegulator.Input(
                at: now, celsius: readings.temperature?.celsius, limit: limit, isThrottled: isThrottled, used: used,
                wanted: wanted, floor: floor, others: readings.otherCPUs, seconds: seconds))
        guard let cap = heat.cap else { return }
        let celsius = readings.temperature?.celsius
        let isHot = (celsius ?? limit) > limit - 5
        constraints.append(
            Constraint(cpus: cap, cause: isThrottled && !isHot ? .throttled : .heat(celsius: celsius, limit: limit)))
    }

    private mutating func regulateWattsAndCPU(
        _ readings: Readings, _ used: Double, _ wanted: Double, _ floor: Double, _ constraints: inout [Constraint]
    ) {
        if let limit = limits.maxWatts {
            watts.update(
                at: now, measured: readings.watts, limit: limit, used: used, wanted: wanted, floor: floor)
            if let cap = watts.cap {
                constraints.append(
                    Constraint(cpus: cap, cause: .watts(measured: readings.watts ?? limit, limit: limit)))
            }
        }
        if let percent = limits.maxCPUPercent {
            let limit = percent / 100
            if wanted > limit { cpu.begin(cap: limit) }
            cpu.update(
                at: now, measured: readings.ownCPUs, limit: limit, used: used, wanted: wanted, floor: floor)
            if let cap = cpu.cap { constraints.append(Constraint(cpus: cap, cause: .cpuPercent(limit: percent))) }
        }
    }

    /// Under-voltage halves the peak and then the load; contention first gives threads back and then rate, a quarter of
    /// which always stays.
    private mutating func regulateAlarms(
        _ readings: Readings, _ demand: Demand, _ chooser: PointChooser, _ used: Double, _ seconds: Double,
        _ constraints: inout [Constraint]
    ) {
        undervoltage.update(at: now, isAlarmed: readings.throttling?.isUndervolted ?? false)
        if undervoltage.level > 0 {
            constraints.append(
                Constraint(threads: 1, rateShare: 1 / Double(1 << undervoltage.level), cause: .undervoltage))
        }
        let share = readings.contention ?? 0
        waiting += (share - waiting) * min(1, seconds / 4)
        let room = readings.idleCPUs.map { $0 > 0.15 + 0.3 * used } ?? true
        // Threads that wait although a CPU is idle stand in each other's way: fewer help, a lower rate helps nobody.
        let isForThreads = contention.level < maxThreads - 1
        let isCrowded = isForThreads || readings.idleCPUs.map { $0 < 0.25 } ?? true
        let isAlarmed: Bool? = waiting > 0.1 && isCrowded ? true : waiting < 0.04 ? false : nil
        let before = contention.level
        contention.update(at: now, isAlarmed: demand.isWanted ? isAlarmed : false, mayRise: room)
        if contention.level > before { crowding = waiting }
        guard contention.level > 0 else { return }
        // As many steps as there are threads to give back; the rest goes to the rate, by 0.7 a step down to a quarter.
        let threads = max(1, maxThreads - contention.level)
        let steps = max(0, contention.level - (maxThreads - 1))
        let rateShare = [1, 0.7, 0.5, 0.35, 0.25][min(steps, 4)]
        constraints.append(
            Constraint(threads: threads, rateShare: rateShare, cause: .contention(share: max(waiting, crowding))))
    }

    /// All limits together, and the one that counts most.
    private func compose(_ demand: Demand, _ chooser: PointChooser, _ constraints: [Constraint]) -> Decision {
        let free = chooser.point(under: Array(constraints.prefix(1)))
        var point = chooser.point(under: constraints)
        var cause: Cause
        switch (demand.threads, demand.rate) {
        case (.fixed, _): cause = .fixed
        case (.automatic, nil): cause = .fastest
        case (.automatic, _?): cause = free.keepsUp ? .demand : .tooSlow
        }
        if point.achieved < free.achieved * 0.999 || point.threads < free.threads {
            let alone = constraints.dropFirst().map { ($0, chooser.point(under: [constraints[0], $0])) }
            let worst = alone.min { one, other in
                (one.1.achieved, one.1.threads) < (other.1.achieved, other.1.threads)
            }
            if let worst, worst.1.achieved < free.achieved * 0.999 || worst.1.threads < free.threads {
                cause = worst.0.cause
            }
        }
        if let rate = point.rate {
            let least = min(PowerLimits.floorRate, demand.rate ?? PowerLimits.floorRate)
            point.rate = max(least, demand.rate == rate ? rate : Governor.rounded(rate))
        }
        return Decision(threads: point.threads, rate: point.rate, cause: cause)
    }

    /// To three digits, downwards.
    private static func rounded(_ rate: Double) -> Double {
        let scale: Double = rate >= 100 ? 1 : rate >= 10 ? 10 : 100
        return (rate * scale).rounded(.down) / scale
    }

    /// Seconds since the last call; 0 when the clock stood still or went back.
    private mutating func advance(to atNs: UInt64) -> Double {
        defer { lastAtNs = atNs }
        guard let lastAtNs, atNs > lastAtNs else { return 0 }
        // Asleep for longer than an hour: what was known is as good as an hour old.
        let seconds = min(3600, Double(atNs - lastAtNs) / 1e9)
        now += seconds
        return seconds
    }
}
