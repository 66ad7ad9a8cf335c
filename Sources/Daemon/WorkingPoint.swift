internal import Publishing
internal import Synchronization
internal import Wire

/// How many threads an inference gets and how many there are a second; changed by `set` while the daemon runs. Any thread.
final class WorkingPoint: Sendable {
    private struct State {
        var current: PowerEvent
        /// What the configuration asked for.
        var initial: PowerEvent
        /// What the session was made for.
        var maxThreads: Int
    }

    private let state: Mutex<State>

    init(_ initial: PowerEvent, maxThreads: Int) {
        state = Mutex(State(current: initial, initial: initial, maxThreads: maxThreads))
    }

    var current: PowerEvent { state.withLock { $0.current } }

    /// Begins anew with another configuration; what `set` had changed is forgotten. Publishes a change.
    func reset(_ initial: PowerEvent, maxThreads: Int, publishTo server: ResultServer) {
        state.withLock { state in
            let isNews = state.current.threads != initial.threads || state.current.rate != initial.rate
            state = State(current: initial, initial: initial, maxThreads: maxThreads)
            if isNews { server.publish(.power(initial)) }
        }
    }

    /// Applies `rate` and `threads`, all or none, and publishes the change.
    /// - Returns: what is wrong with the values.
    func set(_ values: [String: SettingValue], publishTo server: ResultServer) -> ReplyError? {
        state.withLock { state in
            var next = state.current
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                switch name {
                case "rate": if let error = apply(rate: value, to: &next) { return error }
                case "threads": if let error = apply(threads: value, state, to: &next) { return error }
                default: return .wrong("there is no setting \"\(name.prefix(64))\"; there are rate, threads")
                }
            }
            guard next != state.current else { return nil }
            next.cause = "asked for: " + values.keys.sorted().joined(separator: ", ")
            state.current = next
            // Under the lock, so that events come in the order of the changes.
            server.publish(.power(next))
            return nil
        }
    }

    private func apply(rate value: SettingValue, to next: inout PowerEvent) -> ReplyError? {
        switch value {
        case .number(let rate) where rate > 0 && rate <= WireLimits.maxRate: next.rate = rate
        case .text("max"): next.rate = nil
        default: return .wrong("\"rate\" must be a number above 0 and up to 1000, or \"max\"")
        }
        return nil
    }

    private func apply(threads value: SettingValue, _ state: State, to next: inout PowerEvent) -> ReplyError? {
        switch value {
        case .number(let count) where count >= 1 && count <= Double(state.maxThreads) && count == count.rounded():
            next.threads = Int(count)
        case .text("auto"): next.threads = state.initial.threads
        default:
            return .wrong("\"threads\" must be a whole number from 1 to \(state.maxThreads), or \"auto\"")
        }
        return nil
    }
}

extension ReplyError {
    fileprivate static func wrong(_ message: String) -> ReplyError { ReplyError(code: .badRequest, message: message) }
}
