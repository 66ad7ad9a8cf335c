import NIOCore
import Wire

/// What a subscriber sees.
public enum TarsierEvent: Hashable, Sendable {
    /// A connection was made and the subscription accepted.
    case connected(Hello)
    case result(ResultEvent)
    case power(PowerEvent)
    case camera(CameraEvent)
    /// Results were left out: this reader is too slow.
    case gap(Gap)
    /// There is no connection; another attempt follows after `retryIn`.
    case disconnected(TarsierError, retryIn: Duration)
}

/// How long to wait between attempts to connect: `initial`, then twice as long each time up to `maximum`.
public struct Backoff: Hashable, Sendable {
    public var initial: Duration
    public var maximum: Duration

    public init(initial: Duration = .milliseconds(250), maximum: Duration = .seconds(5)) {
        self.initial = initial
        self.maximum = maximum
    }

    /// - Parameter attempt: failed attempts before this one, from 0.
    package func delay(attempt: Int) -> Duration {
        var delay = initial
        for _ in 0..<attempt {
            guard delay < maximum else { break }
            delay *= 2
        }
        return min(delay, maximum)
    }
}

/// Events of one subscription, over as many connections as it takes. Each iterator has its own connection.
///
/// Throws `TarsierError` when going on is pointless (no permission, subscription refused, another protocol) or, without
/// a backoff, at the first failure; `CancellationError` when the task is cancelled. Without a backoff it ends when the
/// daemon does.
public struct EventStream: AsyncSequence, Sendable {
    public typealias Element = TarsierEvent

    let path: String
    let subscription: Subscription
    let backoff: Backoff?

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    public struct Iterator: AsyncIteratorProtocol {
        private let stream: EventStream
        private var messages: Connection.Messages.AsyncIterator?
        /// Came between connecting and the first call after it.
        private var waiting: [TarsierEvent] = []
        private var failedAttempts = 0
        private var delay: Duration?
        private var hasEnded = false

        init(stream: EventStream) { self.stream = stream }

        public mutating func next() async throws -> TarsierEvent? {
            while !hasEnded {
                try Task.checkCancellation()
                if !waiting.isEmpty { return waiting.removeFirst() }
                do {
                    if messages == nil {
                        if let delay { try await Task.sleep(for: delay) }
                        try await connect()
                    } else if let message = try await messages?.next() {
                        if let event = TarsierEvent(message) { return event }
                    } else {
                        try Task.checkCancellation()
                        messages = nil
                        guard stream.backoff != nil else { break }
                        throw TarsierError(.disconnected, "the daemon on \(stream.path) closed the connection")
                    }
                } catch let error as TarsierError {
                    messages = nil
                    guard let backoff = stream.backoff, error.isPassing else {
                        hasEnded = true
                        throw error
                    }
                    let pause = backoff.delay(attempt: failedAttempts)
                    (delay, failedAttempts) = (pause, failedAttempts + 1)
                    return .disconnected(error, retryIn: pause)
                }
            }
            hasEnded = true
            return nil
        }

        /// Connects, checks the protocol and subscribes. Results of the default subscription, sent before ours is
        /// accepted, are passed over; state events are kept.
        private mutating func connect() async throws {
            let connection = try await Connection.open(path: stream.path)
            let iterator = connection.messages.makeAsyncIterator()
            let id = RequestID.number(1)
            let wanted = stream.subscription.events
            var events: [TarsierEvent] = []
            while let message = try await iterator.next() {
                switch message {
                case .hello(let hello):
                    guard hello.proto == Hello.protocolVersion else {
                        let ours = Hello.protocolVersion
                        throw TarsierError(
                            .protocolError, "the daemon speaks protocol \(hello.proto), this client \(ours); update one"
                        )
                    }
                    events.append(.connected(hello))
                    let request = ClientRequest(id: id, operation: .subscribe(stream.subscription))
                    try await connection.send(request)
                case .reply(let reply):
                    if case .failure(let error) = reply.outcome { throw TarsierError(error) }
                    guard reply.id == id else { continue }
                    (messages, waiting) = (iterator, events)
                    (delay, failedAttempts) = (nil, 0)
                    return
                case .power(let event) where wanted.contains(.power): events.append(.power(event))
                case .camera(let event) where wanted.contains(.camera): events.append(.camera(event))
                case .power, .camera, .result, .gap, .unknown: continue
                }
            }
            try Task.checkCancellation()
            throw TarsierError(.disconnected, "the daemon on \(stream.path) closed the connection")
        }
    }
}

extension TarsierEvent {
    fileprivate init?(_ message: ServerMessage) {
        switch message {
        case .result(let event): self = .result(event)
        case .power(let event): self = .power(event)
        case .camera(let event): self = .camera(event)
        case .gap(let gap): self = .gap(gap)
        case .hello, .reply, .unknown: return nil
        }
    }
}
