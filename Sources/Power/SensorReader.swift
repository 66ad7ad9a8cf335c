internal import LinuxIO

/// Reads every sensor there is and makes rates of counters. Use from one thread at a time.
///
/// Sensors come and go (modules are loaded, batteries put in), so what there is is looked up anew now and then.
package struct SensorReader {
    /// Readings between two looks at what there is.
    private static let lookupInterval = 60

    private struct Sensors {
        let zones: ThermalZones
        let throttling: ThrottleSensors
        let frequencies: Frequencies
        let group: ControlGroup
        let contention: ContentionCounter
        let supplies: Supplies
        let meter: EnergyMeter?
        let fans: Fans

        init(_ root: SensorRoot) {
            zones = ThermalZones(root)
            throttling = ThrottleSensors(root)
            frequencies = Frequencies(root)
            group = ControlGroup(root)
            contention = ContentionCounter(root, group)
            supplies = Supplies(root)
            meter = EnergyMeter(root)
            fans = Fans(root)
        }
    }

    /// Values of counters at the last reading.
    private struct Counters {
        var atNs: UInt64
        var cpuNs: UInt64
        var waitedUs: UInt64?
        var idle: (idle: UInt64, all: UInt64)?
        var energy: [EnergyMeter.Reading] = []
    }

    private let root: SensorRoot
    private let idle: IdleCounter
    private var sensors: Sensors
    private var readings = 0
    private var before: Counters?

    package init(_ root: SensorRoot = SensorRoot()) {
        self.root = root
        idle = IdleCounter(root)
        sensors = Sensors(root)
    }

    /// Names of what there is, for people.
    package var available: [String] {
        var names: [String] = []
        if sensors.zones.read() != nil { names.append("temperature") }
        if sensors.throttling.read() != nil { names.append("throttling") }
        if sensors.frequencies.read() != nil { names.append("frequency") }
        if let source = sensors.contention.source { names.append("contention (\(source))") }
        if sensors.group.quota() != nil { names.append("quota") }
        if sensors.supplies.read() != nil { names.append("supply") }
        if let meter = sensors.meter { names.append("watts (\(meter.name))") }
        if sensors.fans.read() != nil { names.append("fan") }
        return names
    }

    /// The values now. Rates (contention, idle CPUs, watts of energy counters, own CPU time) need a reading before.
    /// - Parameters:
    ///   - nowNs: of the monotonic clock.
    ///   - cpuNs: CPU time the process has used so far.
    ///   - allowed: CPUs the process may use.
    package mutating func read(
        nowNs: UInt64 = MonotonicClock.now(), cpuNs: UInt64 = CPUClock.process(), allowed: [Int] = AllowedCPUs.list()
    ) -> Readings {
        readings += 1
        if readings % SensorReader.lookupInterval == 0 { sensors = Sensors(root) }
        var answer = Readings(atNs: nowNs)
        answer.temperature = sensors.zones.read()
        answer.throttling = sensors.throttling.read()
        answer.frequency = sensors.frequencies.read()
        answer.quotaCPUs = sensors.group.quota()
        answer.allowedCPUs = allowed.count
        answer.supply = sensors.supplies.read()
        answer.fan = sensors.fans.read()
        let now = Counters(
            atNs: nowNs, cpuNs: cpuNs, waitedUs: sensors.contention.read(), idle: idle.read(allowed),
            energy: sensors.meter?.read() ?? [])
        answer.watts = EnergyMeter.watts([], now.energy, seconds: 0)
        if let before, nowNs > before.atNs { SensorReader.rates(before, now, into: &answer) }
        before = now
        return answer
    }

    private static func rates(_ before: Counters, _ now: Counters, into answer: inout Readings) {
        let seconds = Double(now.atNs - before.atNs) / 1e9
        if now.cpuNs >= before.cpuNs { answer.ownCPUs = Double(now.cpuNs - before.cpuNs) / 1e9 / seconds }
        if let old = before.waitedUs, let new = now.waitedUs {
            // Threads that ended took their count with them.
            answer.contention = min(1, Double(new >= old ? new - old : 0) / 1e6 / seconds)
        }
        if let old = before.idle, let new = now.idle, new.all > old.all, new.idle >= old.idle {
            let share = Double(new.idle - old.idle) / Double(new.all - old.all)
            answer.idleCPUs = min(1, share) * Double(answer.allowedCPUs ?? 1)
        }
        answer.watts = EnergyMeter.watts(before.energy, now.energy, seconds: seconds) ?? answer.watts
    }
}
