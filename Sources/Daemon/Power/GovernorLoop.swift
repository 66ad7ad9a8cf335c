internal import LinuxIO
internal import Logging
internal import Power
internal import Publishing
internal import Synchronization
internal import Wire

/// Asks the sensors once a second, and the governor what to make of them; less often while there is next to nothing to do.
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
    private let isStopping = Atomic<Bool>(false)

    /// How long it rests between two looks. A look costs up to half a millisecond when everything is out of the caches, as
    /// much as a quarter of an inference with its decoding.
    private enum Pause: UInt64 {
        /// There is something to govern.
        case active = 1_000_000_000
        /// Less than `calmCPUs` of work: it can do no harm that would not wait so long.
        case calm = 5_000_000_000
        /// No results are wanted, or they are less than `idleCPUs` of work.
        case idle = 10_000_000_000
    }
    private static let calmCPUs = 0.05
    private static let idleCPUs = 0.01
    /// Nanoseconds of CPU time that inferences may take in a longer pause before it is over: what let it be longer no longer
    /// holds then.
    private static let allowanceNs = calmCPUs * Double(Pause.calm.rawValue)

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
            let seen = inferences.changes.value.load(ordering: .acquiring)
            let isActive = isAlwaysWanted || server.hasSubscribers
            // Somebody came: rates over the pause would mix rest and work.
            let pause = look(isFresh: isActive && !wasActive)
            wasActive = isActive
            if pause != .active { inferences.announce(after: GovernorLoop.allowanceNs) }
            inferences.changes.wait(while: seen, timeoutNs: (isActive ? pause : .idle).rawValue)
        }
    }

    /// Ends `run` soon. Any thread.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake()
    }

    /// Looks at once: somebody subscribed or went. Any thread.
    func wake() { inferences.announce() }

    /// What is wanted has changed: decides anew with the readings there are. Any thread.
    func demandChanged() {
        tell(state.withLock { state in decide(&state) })
    }

    /// Goes on with another model, demand and limits, and with what is known of heat and the rest. Any thread.
    /// - Parameter keepsAsked: whether what `set` changed holds on.
    func change(to prepared: PreparedModel, limits: PowerLimits, keepsAsked: Bool) {
        point.reset(prepared.demand, maxThreads: prepared.maxThreads, keepsAsked: keepsAsked)
        let event = state.withLock { state in
            state.governor.change(limits: limits, table: prepared.table, maxThreads: prepared.maxThreads)
            return decide(&state)
        }
        tell(event)
    }

    /// - Returns: how long the next look can wait while results are wanted.
    private func look(isFresh: Bool) -> Pause {
        let (pause, event) = state.withLock { state -> (Pause, PowerEvent?) in
            state.readings = state.reader.read()
            if isFresh {
                state.readings.ownCPUs = nil
                state.readings.contention = nil
            }
            state.readings.inference = inferences.take()
            last.replace(state.readings)
            let event = decide(&state)
            let cpus = state.readings.ownCPUs ?? 1
            if point.isReduced || cpus >= GovernorLoop.calmCPUs { return (.active, event) }
            return (cpus < GovernorLoop.idleCPUs ? .idle : .calm, event)
        }
        tell(event)
        return pause
    }

    /// - Returns: the working point where it is another one than before.
    private func decide(_ state: inout State) -> PowerEvent? {
        var demand = point.demand
        demand.isWanted = isAlwaysWanted || server.hasSubscribers
        let decision = state.governor.decide(state.readings, demand)
        guard let event = point.apply(decision, publishTo: server) else { return nil }
        pace.wake()
        return event
    }

    /// Without the lock: a log may take its time.
    private func tell(_ event: PowerEvent?) {
        guard let event else { return }
        let threads = event.threads == 1 ? "1 thread" : "\(event.threads) threads"
        let rate = event.rate.map { "at most \($0) a second" } ?? "as many as come"
        log.info("power: \(threads), \(rate): \(event.cause)")
    }
}
