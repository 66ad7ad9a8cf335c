internal import Power
internal import Publishing
internal import Synchronization
internal import Wire

/// What is wanted of the daemon, what the governor made of it, and how often it changed. Any thread.
final class WorkingPoint: Sendable {
    private struct State {
        var demand: Demand
        var event: PowerEvent
        var decision: Decision
        /// What the session was made for.
        var maxThreads: Int
        /// What `set` changed, by name.
        var asked: [String: SettingValue] = [:]
        /// By kind of cause.
        var changes: [String: UInt64] = [:]
    }

    private let state: Mutex<State>

    /// - Parameter maxThreads: what the session was made for.
    init(_ decision: Decision, demand: Demand, maxThreads: Int) {
        state = Mutex(
            State(
                demand: demand, event: WorkingPoint.event(decision, demand), decision: decision,
                maxThreads: maxThreads))
    }

    var current: PowerEvent { state.withLock { $0.event } }
    var demand: Demand { state.withLock { $0.demand } }
    var changes: [String: UInt64] { state.withLock { $0.changes } }

    /// Whether the daemon does less than was asked for.
    var isReduced: Bool { state.withLock { $0.decision.cause.isReduction } }

    /// Takes a decision over and publishes it when it is another one.
    /// - Returns: the new working point; nil where nothing changed.
    func apply(_ decision: Decision, publishTo server: ResultServer) -> PowerEvent? {
        state.withLock { state in
            let event = WorkingPoint.event(decision, state.demand)
            // The same point for a cause with another temperature in it is no news, but `status` tells it.
            let isNews =
                !decision.isSame(as: state.decision)
                || (event.cause != state.event.cause && !decision.cause.isReduction)
            (state.decision, state.event) = (decision, event)
            guard isNews else { return nil }
            state.changes[decision.cause.kind, default: 0] += 1
            // Under the lock, so that events come in the order of the changes.
            server.publish(.power(event))
            return event
        }
    }

    /// Begins anew with another model or configuration.
    /// - Parameter keepsAsked: whether what `set` changed holds on; threads that the model has not are as many as it has.
    func reset(_ demand: Demand, maxThreads: Int, keepsAsked: Bool) {
        state.withLock { state in
            (state.demand, state.maxThreads) = (demand, maxThreads)
            guard keepsAsked, !state.asked.isEmpty else { return state.asked = [:] }
            var next = demand
            for (name, value) in state.asked {
                if name == "rate" { _ = apply(rate: value, to: &next) }
                if name == "threads", apply(threads: value, maxThreads, to: &next) != nil {
                    next.threads = .fixed(maxThreads)
                }
            }
            next.origin = WorkingPoint.origin(state.asked.keys)
            state.demand = next
        }
    }

    private static func origin(_ names: some Sequence<String>) -> String {
        "asked for: " + names.sorted().joined(separator: ", ")
    }

    /// Changes what is wanted by `rate` and `threads`, all or none.
    /// - Returns: what is wrong with the values.
    func set(_ values: [String: SettingValue]) -> ReplyError? {
        state.withLock { state in
            var next = state.demand
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                switch name {
                case "rate": if let error = apply(rate: value, to: &next) { return error }
                case "threads": if let error = apply(threads: value, state.maxThreads, to: &next) { return error }
                default: return .wrong("there is no setting \"\(name.prefix(64))\"; there are rate, threads")
                }
            }
            state.asked.merge(values) { _, new in new }
            guard next != state.demand else { return nil }
            next.origin = WorkingPoint.origin(values.keys)
            state.demand = next
            return nil
        }
    }

    private func apply(rate value: SettingValue, to next: inout Demand) -> ReplyError? {
        switch value {
        case .number(let rate) where rate > 0 && rate <= WireLimits.maxRate: next.rate = rate
        case .text("max"): next.rate = nil
        default: return .wrong("\"rate\" must be a number above 0 and up to 1000, or \"max\"")
        }
        return nil
    }

    private func apply(threads value: SettingValue, _ maxThreads: Int, to next: inout Demand) -> ReplyError? {
        switch value {
        case .number(let count) where count >= 1 && count <= Double(maxThreads) && count == count.rounded():
            next.threads = .fixed(Int(count))
        case .text("auto"): next.threads = .automatic
        default:
            return .wrong("\"threads\" must be a whole number from 1 to \(maxThreads), or \"auto\"")
        }
        return nil
    }

    private static func event(_ decision: Decision, _ demand: Demand) -> PowerEvent {
        let isPlain = !decision.cause.isReduction && decision.cause != .tooSlow
        return PowerEvent(
            threads: decision.threads, rate: decision.rate,
            cause: isPlain ? demand.origin ?? decision.cause.text : decision.cause.text, kind: decision.cause.kind)
    }
}

extension ReplyError {
    fileprivate static func wrong(_ message: String) -> ReplyError { ReplyError(code: .badRequest, message: message) }
}
