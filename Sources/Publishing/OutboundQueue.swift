import NIOCore
import Wire

/// What waits for one client while the kernel takes no more. Results conflate to the newest when the ring is full;
/// state events and replies are kept in order, up to a hard cap. Pure: knows no socket and no time.
struct OutboundQueue {
    enum Kind { case result, state, reply }

    private struct Entry {
        let bytes: ByteBuffer
        let kind: Kind
    }

    struct Limits {
        /// Beyond either of these, results conflate.
        var ringMessages: Int
        var ringBytes: Int
        /// Beyond either of these, state events and replies are refused.
        var hardMessages: Int
        var hardBytes: Int
    }

    private let limits: Limits
    private var entries = CircularBuffer<Entry>()
    private var bytes = 0
    private var results = 0
    private var keptBytes = 0
    /// Replies not yet handed to the kernel.
    private(set) var replies = 0
    /// Results left out since the last notice.
    private var dropped: UInt64 = 0

    init(limits: Limits) { self.limits = limits }

    var isEmpty: Bool { entries.isEmpty }

    /// Queues a result; when there is no room it replaces all that wait.
    /// - Returns: how many results were left out for it.
    mutating func push(result line: ByteBuffer) -> UInt64 {
        var lost: UInt64 = 0
        let isFull = entries.count >= limits.ringMessages || bytes + line.readableBytes > limits.ringBytes
        if isFull, results > 0 {
            lost = UInt64(results)
            entries.removeAll { $0.kind == .result }
            bytes = keptBytes
            results = 0
            note(dropped: lost)
        }
        entries.append(Entry(bytes: line, kind: .result))
        results += 1
        bytes += line.readableBytes
        return lost
    }

    /// Queues a state event or a reply.
    /// - Returns: false when the hard cap is reached; the client is then to be disconnected.
    mutating func push(_ line: ByteBuffer, kind: Kind) -> Bool {
        precondition(kind != .result)
        guard entries.count - results < limits.hardMessages, keptBytes + line.readableBytes <= limits.hardBytes else {
            return false
        }
        entries.append(Entry(bytes: line, kind: kind))
        if kind == .reply { replies += 1 }
        bytes += line.readableBytes
        keptBytes += line.readableBytes
        return true
    }

    /// Results were lost before they came here.
    mutating func note(dropped count: UInt64) { dropped += count }

    /// The next line to send: before the first result after a loss, the notice of it.
    mutating func next() -> ByteBuffer? {
        guard let first = entries.first else { return nil }
        if first.kind == .result, dropped > 0 {
            defer { dropped = 0 }
            return ByteBuffer(bytes: ServerMessage.gap(Gap(dropped: dropped)).encodeLine())
        }
        entries.removeFirst()
        bytes -= first.bytes.readableBytes
        switch first.kind {
        case .result: results -= 1
        case .state: keptBytes -= first.bytes.readableBytes
        case .reply:
            keptBytes -= first.bytes.readableBytes
            replies -= 1
        }
        return first.bytes
    }
}
