import NIOCore
import Wire

/// The state events of late: what they left behind, for `hello`, and their lines, for clients that come back. Pure.
struct StateMemory {
    private struct Entry {
        let number: UInt64
        let event: StateEvent
        let line: ByteBuffer
    }

    private let capacity: Int
    private var entries = CircularBuffer<Entry>()
    /// Number of the newest event; 0 before the first.
    private(set) var newest: UInt64 = 0
    /// The working point; nil before the first.
    private(set) var power: PowerEvent?
    private(set) var present: Presence?

    /// - Parameter capacity: events that are remembered; at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// - Parameter event: numbered, above all before.
    mutating func add(_ event: StateEvent, line: ByteBuffer) {
        newest = event.number ?? newest + 1
        switch event {
        case .power(var event):
            event.stateSeq = nil
            power = event
        case .presence(let event): present = Presence(after: event)
        case .camera, .model: break
        }
        if entries.count == capacity { entries.removeFirst() }
        entries.append(Entry(number: newest, event: event, line: line))
    }

    /// The events numbered above `after` and up to `upTo` that `subscription` wants, and how many are forgotten.
    func replay(
        _ subscription: Subscription, after: UInt64, upTo: UInt64
    ) -> (Resumption, lines: [ByteBuffer]) {
        let oldest = entries.first?.number ?? newest + 1
        let lost = oldest > after &+ 1 && after < upTo ? min(oldest - 1, upTo) - after : 0
        let lines = entries.lazy.filter { entry in
            entry.number > after && entry.number <= upTo && subscription.matches(entry.event)
        }.map(\.line)
        return (Resumption(replayed: lines.count, lost: lost), Array(lines))
    }
}

extension StateEvent {
    /// Its number, once it was handed to the server.
    var number: UInt64? {
        switch self {
        case .power(let event): event.stateSeq
        case .camera(let event): event.stateSeq
        case .presence(let event): event.stateSeq
        case .model(let event): event.stateSeq
        }
    }
}
