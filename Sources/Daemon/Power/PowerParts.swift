internal import Engine
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

    /// Measures for tens of milliseconds where nothing was tuned.
    init(_ configuration: RunConfiguration, _ session: Session, modelSha256: String, log: Logger) {
        let demand = Demand(
            rate: configuration.rate, deadlineNs: configuration.deadlineMs.map { $0 * 1e6 },
            threads: configuration.threads == .automatic ? .automatic : .fixed(session.maxThreads))
        let tuned = TuningFile.table(
            at: configuration.tuning, modelSha256: modelSha256, features: configuration.features,
            maxThreads: session.maxThreads, log: log)
        let table = tuned ?? LatencyTable.estimated(session, rate: demand.rate, deadlineNs: demand.deadlineNs)
        var reader = SensorReader()
        let readings = reader.read()
        var governor = Governor(limits: configuration.limits, table: table, maxThreads: session.maxThreads)
        let decision = governor.decide(readings, demand)
        if configuration.limits.maxWatts != nil && !reader.available.contains(where: { $0.hasPrefix("watts") }) {
            log.warning("--max-watts has no effect: nothing that may be read here measures power")
        }
        if configuration.limits.maxTemperatureCelsius != nil && readings.temperature == nil {
            log.warning("--max-temperature has no effect: this machine does not tell its CPU's temperature")
        }
        self.governor = governor
        self.reader = reader
        self.readings = readings
        point = WorkingPoint(decision, demand: demand, maxThreads: session.maxThreads)
    }
}

/// What the sensors said last, for those who answer questions. Any thread.
final class LastReadings: Sendable {
    private let state: Mutex<Readings>

    init(_ readings: Readings) { state = Mutex(readings) }

    var values: [String: Double] { state.withLock { $0.values } }

    func replace(_ readings: Readings) { state.withLock { $0 = readings } }
}
