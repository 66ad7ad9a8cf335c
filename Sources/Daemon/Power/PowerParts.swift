internal import LinuxIO
internal import Logging
internal import Power
internal import Synchronization

/// Everything the governor starts with: what is wanted, what inferences take here, what the sensors say.
struct PowerParts {
    let point: WorkingPoint
    let governor: Governor
    let reader: SensorReader
    let readings: Readings

    init(_ prepared: PreparedModel, limits: PowerLimits, log: Logger) {
        for remark in prepared.remarks { log.warning("\(remark)") }
        var reader = SensorReader()
        let readings = reader.read()
        var governor = Governor(limits: limits, table: prepared.table, maxThreads: prepared.maxThreads)
        let decision = governor.decide(readings, prepared.demand)
        if limits.maxWatts != nil && !reader.available.contains(where: { $0.hasPrefix("watts") }) {
            log.warning("max-watts has no effect: nothing that may be read here measures power")
        }
        if limits.maxTemperatureCelsius != nil && readings.temperature == nil {
            log.warning("max-temperature has no effect: this machine does not tell its CPU's temperature")
        }
        self.governor = governor
        self.reader = reader
        self.readings = readings
        point = WorkingPoint(decision, demand: prepared.demand, maxThreads: prepared.maxThreads)
    }
}

/// What the sensors said last, for those who answer questions. Any thread.
final class LastReadings: Sendable {
    private let state: Mutex<Readings>

    init(_ readings: Readings) { state = Mutex(readings) }

    var values: [String: Double] { state.withLock { $0.values } }

    func replace(_ readings: Readings) { state.withLock { $0 = readings } }
}
