import Synchronization
import Wire

/// From the inference thread to the server's thread: bounded, in order, one short lock and no waiting.
///
/// A result finds room by pushing out the oldest one; state events push out nothing but, past their cap, the oldest
/// of themselves, which takes a server thread stuck for 256 state changes.
final class Mailbox: Sendable {
    enum Item: Sendable {
        case result(ResultEvent)
        /// With its number.
        case state(StateEvent)
        /// So many results were pushed out here.
        case lost(UInt64)
    }

    static let resultCapacity = 64
    static let stateCapacity = 256

    fileprivate struct State {
        var items: [Item] = []
        var results = 0
        var states = 0
        var lost: UInt64 = 0
        /// Number of the newest state event; also counts those that found no room, so that a loss is seen.
        var stateSeq: UInt64 = 0
        /// The server's thread has been asked to come and not yet been here.
        var isAsked = false
    }

    private let state = Mutex(State())
    /// Clients subscribed to results. Written by the server's thread alone.
    let resultSubscribers = Atomic<Int>(0)

    /// Any thread. Without a subscriber only the newest result is kept, for the next `hello`.
    /// - Returns: whether the caller must ask the server's thread to come.
    func post(_ result: ResultEvent) -> Bool {
        state.withLock { state in
            // Read under the lock: a client counts itself first and then empties the mailbox, so either this result
            // is there for its hello or this read sees the client.
            let isWanted = resultSubscribers.load(ordering: .relaxed) > 0
            if state.results >= (isWanted ? Mailbox.resultCapacity : 1) {
                state.removeFirstResult()
                if isWanted { state.lost += 1 }
            }
            state.items.append(.result(result))
            state.results += 1
            return isWanted && state.ask()
        }
    }

    /// Any thread.
    /// - Returns: whether the caller must ask the server's thread to come.
    func post(_ event: StateEvent) -> Bool {
        state.withLock { state in
            if state.states >= Mailbox.stateCapacity { state.removeFirstState() }
            state.stateSeq += 1
            state.items.append(.state(event.numbered(state.stateSeq)))
            state.states += 1
            return state.ask()
        }
    }

    /// Everything posted, in order. The server's thread.
    func take() -> [Item] {
        state.withLock { state in
            var items: [Item] = []
            swap(&items, &state.items)
            if state.lost > 0 { items.insert(.lost(state.lost), at: 0) }
            let newest = state.stateSeq
            state = State()
            state.stateSeq = newest
            return items
        }
    }
}

extension Mailbox.State {
    fileprivate mutating func ask() -> Bool {
        defer { isAsked = true }
        return !isAsked
    }

    fileprivate mutating func removeFirstResult() {
        let index = items.firstIndex { if case .result = $0 { true } else { false } }
        if let index { items.remove(at: index) }
        results -= 1
    }

    fileprivate mutating func removeFirstState() {
        let index = items.firstIndex { if case .state = $0 { true } else { false } }
        if let index { items.remove(at: index) }
        states -= 1
    }
}
