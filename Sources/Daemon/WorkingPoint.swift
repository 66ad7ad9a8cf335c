internal import Publishing
internal import Synchronization
internal import Wire

/// How many threads an inference gets and how many there are a second; changed by `set` while the daemon runs. Any thread.
final class WorkingPoint: Sendable {
    private let state: Mutex<PowerEvent>
    private let initial: PowerEvent
    private let maxThreads: Int

    /// - Parameter maxThreads: what the session was made for.
    init(_ initial: PowerEvent, maxThreads: Int) {
        self.initial = initial
        self.maxThreads = maxThreads
        state = Mutex(initial)
    }

    var current: PowerEvent { state.withLock { $0 } }

    /// Applies `rate` and `threads`, all or none, and publishes the change.
    /// - Returns: what is wrong with the values.
    func set(_ values: [String: SettingValue], publishTo server: ResultServer) -> ReplyError? {
        state.withLock { state in
            var next = state
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                switch name {
                case "rate": if let error = apply(rate: value, to: &next) { return error }
                case "threads": if let error = apply(threads: value, to: &next) { return error }
                default: return .wrong("there is no setting \"\(name.prefix(64))\"; there are rate, threads")
                }
            }
            guard next != state else { return nil }
            next.cause = "asked for: " + values.keys.sorted().joined(separator: ", ")
            state = next
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

    private func apply(threads value: SettingValue, to next: inout PowerEvent) -> ReplyError? {
        switch value {
        case .number(let count) where count >= 1 && count <= Double(maxThreads) && count == count.rounded():
            next.threads = Int(count)
        case .text("auto"): next.threads = initial.threads
        default:
            return .wrong("\"threads\" must be a whole number from 1 to \(maxThreads), or \"auto\"")
        }
        return nil
    }
}

extension ReplyError {
    fileprivate static func wrong(_ message: String) -> ReplyError { ReplyError(code: .badRequest, message: message) }
}
