import NIOCore
import Wire

/// What a subscriber sees.
public enum TarsierEvent: Hashable, Sendable {
    /// A connection was made and the subscription accepted.
    case connected(Hello)
    case result(ResultEvent)
    case power(PowerEvent)
    case camera(CameraEvent)
    /// A label came into view for good, or left it.
    case presence(PresenceEvent)
    /// Another model runs, or the shadow says something else.
    case model(ModelEvent)
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
/// State events (`power`, `camera`, `presence`) come in order and once: after a connection was lost, those of the
/// meantime are asked for again, as far as the same daemon still runs and remembers them. A daemon started anew tells
/// its state in `connected`.
///
/// A daemon that does not answer the subscription within 5 s is as one that went away. Once it has, silence ends nothing.
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
        /// The last state event that was delivered.
        private var place: Subscription.Resume?
        /// What ended a connection before what it brought was delivered.
        private var failure: TarsierError?
        private var hasEnded = false

        init(stream: EventStream) { self.stream = stream }

        public mutating func next() async throws -> TarsierEvent? {
            while !hasEnded {
                try Task.checkCancellation()
                if !waiting.isEmpty { return delivered(waiting.removeFirst()) }
                do {
                    if let failure {
                        self.failure = nil
                        throw failure
                    }
                    if messages == nil {
                        if let delay { try await Task.sleep(for: delay) }
                        try await connect()
                    } else if let message = try await messages?.next() {
                        if let event = TarsierEvent(message) { return delivered(event) }
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

        /// Remembers where to go on after a lost connection.
        private mutating func delivered(_ event: TarsierEvent) -> TarsierEvent {
            if case .connected(let hello) = event {
                // The events before this number were delivered, come next, or belong to a daemon that is gone.
                if place?.run != hello.run { place = Subscription.Resume(run: hello.run, stateSeq: hello.stateSeq) }
            } else if let number = event.stateSeq, let run = place?.run {
                place = Subscription.Resume(run: run, stateSeq: number)
            }
            return event
        }

        private mutating func connect() async throws {
            let connection = try await Connection.open(path: stream.path)
            let iterator = connection.messages.makeAsyncIterator()
            var subscription = stream.subscription
            subscription.resume = place ?? subscription.resume
            var handshake = Handshake(over: connection, iterator, path: stream.path)
            let outcome = try await handshake.subscribe(subscription)
            (waiting, failure) = (outcome.events, outcome.failure)
            if failure == nil { messages = iterator }
            (delay, failedAttempts) = (nil, 0)
        }
    }
}

extension TarsierEvent {
    /// nil for what only the connection is about.
    init?(_ message: ServerMessage) {
        switch message {
        case .result(let event): self = .result(event)
        case .power(let event): self = .power(event)
        case .camera(let event): self = .camera(event)
        case .presence(let event): self = .presence(event)
        case .model(let event): self = .model(event)
        case .gap(let gap): self = .gap(gap)
        case .hello, .reply, .unknown: return nil
        }
    }

    /// The number of a state event.
    fileprivate var stateSeq: UInt64? {
        switch self {
        case .power(let event): event.stateSeq
        case .camera(let event): event.stateSeq
        case .presence(let event): event.stateSeq
        case .model(let event): event.stateSeq
        case .connected, .result, .gap, .disconnected: nil
        }
    }

    func isWanted(by subscription: Subscription) -> Bool {
        switch self {
        case .power(let event): subscription.matches(.power(event))
        case .camera(let event): subscription.matches(.camera(event))
        case .presence(let event): subscription.matches(.presence(event))
        case .model(let event): subscription.matches(.model(event))
        case .connected, .result, .gap, .disconnected: true
        }
    }
}
