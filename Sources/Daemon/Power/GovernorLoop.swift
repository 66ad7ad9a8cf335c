internal import LinuxIO
internal import Logging
internal import Power
internal import Publishing
internal import Synchronization
internal import Wire

/// Asks the sensors once a second, and the governor what to make of them; every ten seconds while nobody wants results.
/// A thread of its own, since a sensor may take its time to answer.
final class GovernorLoop: Sendable {
    private struct State {
        var governor: Governor
        var reader: SensorReader
        var readings: Readings
    }

    private let state: Mutex<State>
    private let last: LastReadings
    private let point: WorkingPoint
    private let server: ResultServer
    private let log: Logger
    private let inferences: InferenceLog
    private let pace: CapturePace
    /// Whether results are wanted while nobody is subscribed: a source with an end is worked through.
    private let isAlwaysWanted: Bool
    private let wakes = FutexWord()
    private let isStopping = Atomic<Bool>(false)

    /// Nanoseconds between two looks, with results wanted and without.
    private static let period: (active: UInt64, idle: UInt64) = (1_000_000_000, 10_000_000_000)

    init(
        _ parts: PowerParts, last: LastReadings, server: ResultServer, inferences: InferenceLog, pace: CapturePace,
        isAlwaysWanted: Bool, log: Logger
    ) {
        state = Mutex(State(governor: parts.governor, reader: parts.reader, readings: parts.readings))
        self.last = last
        point = parts.point
        self.pace = pace
        self.server = server
        self.inferences = inferences
        self.isAlwaysWanted = isAlwaysWanted
        self.log = log
    }

    /// Runs until `stop`.
    func run() {
        // Nothing here depends on a few milliseconds: let the kernel wake us together with others.
        ThreadPower.setTimerSlack(nanoseconds: 50_000_000)
        var wasActive = false
        while !isStopping.load(ordering: .acquiring) {
            let seen = wakes.value.load(ordering: .acquiring)
            let isActive = isAlwaysWanted || server.hasSubscribers
            // Somebody came: rates over the pause would mix rest and work.
            look(isFresh: isActive && !wasActive)
            wasActive = isActive
            wakes.wait(while: seen, timeoutNs: isActive ? GovernorLoop.period.active : GovernorLoop.period.idle)
        }
    }

    /// Ends `run` soon. Any thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake()
    }

    /// Looks at once: somebody subscribed or went. Any thread.
    func wake() {
        wakes.value.wrappingAdd(1, ordering: .releasing)
        wakes.wake()
    }

    /// What is wanted has changed: decides anew with the readings there are. Any thread.
    func demandChanged() {
        state.withLock { state in decide(&state) }
    }

    /// Goes on with another model, demand and limits, and with what is known of heat and the rest. Any thread.
    func change(to prepared: PreparedModel, limits: PowerLimits) {
        point.reset(prepared.demand, maxThreads: prepared.maxThreads)
        state.withLock { state in
            state.governor.change(limits: limits, table: prepared.table, maxThreads: prepared.maxThreads)
            decide(&state)
        }
    }

    private func look(isFresh: Bool) {
        state.withLock { state in
            state.readings = state.reader.read()
            if isFresh {
                state.readings.ownCPUs = nil
                state.readings.contention = nil
            }
            state.readings.inference = inferences.take()
            last.replace(state.readings)
            decide(&state)
        }
    }

    private func decide(_ state: inout State) {
        var demand = point.demand
        demand.isWanted = isAlwaysWanted || server.hasSubscribers
        let decision = state.governor.decide(state.readings, demand)
        guard let event = point.apply(decision, publishTo: server) else { return }
        pace.wake()
        let threads = event.threads == 1 ? "1 thread" : "\(event.threads) threads"
        let rate = event.rate.map { "at most \($0) a second" } ?? "as many as come"
        log.info("power: \(threads), \(rate): \(event.cause)")
    }
}

/// What inferences took since the governor last looked. Inference thread in, governor's thread out.
final class InferenceLog: Sendable {
    private let state = Mutex<Readings.Inference?>(nil)

    func add(threads: Int, times: Classifier.Times) {
        let (latency, preparation) = (Double(times.inferNs), Double(times.decodeNs + times.prepareNs))
        state.withLock { state in
            guard let before = state, before.threads == threads else {
                state = Readings.Inference(threads: threads, latencyNs: latency, preparationNs: preparation)
                return
            }
            // The shortest of late: one that lost its core says nothing about the clock.
            state = Readings.Inference(
                threads: threads, latencyNs: min(before.latencyNs, latency),
                preparationNs: min(before.preparationNs, preparation))
        }
    }

    func take() -> Readings.Inference? {
        state.withLock { state in
            defer { state = nil }
            return state
        }
    }
}
