import NIOCore
import Wire

/// How a subscription begins: the daemon says hello, is asked, answers, and repeats the events that were missed. What is no
/// daemon, or one that hangs, neither holds anybody up nor is listened to without end.
struct Handshake {
    /// What came of it.
    struct Outcome {
        /// For whoever listens, in their order.
        let events: [TarsierEvent]
        /// Why the connection ended amid the events that were missed; those that are not here are missed still.
        let failure: TarsierError?
    }

    private let connection: Connection
    private let messages: Connection.Messages.AsyncIterator
    private let path: String
    private let deadline = ContinuousClock.now + Handshake.limit
    /// Messages that answered nothing.
    private var idle = 0

    /// For all of it, as for a question. From then on silence is no fault: nothing may happen for days.
    private static let limit = Duration.seconds(5)
    /// Messages that may answer nothing; events among them are kept until the answer.
    private static let mostIdle = 1024
    /// State events that a daemon may say it remembers; ours remembers 128.
    private static let mostReplayed = 1 << 16

    init(over connection: Connection, _ messages: Connection.Messages.AsyncIterator, path: String) {
        (self.connection, self.messages, self.path) = (connection, messages, path)
    }

    /// Checks the protocol and subscribes. Results of the default subscription, sent before ours is accepted, are passed over;
    /// state events are kept, behind those that were missed.
    /// - Throws: `TarsierError`, or `CancellationError`.
    mutating func subscribe(_ subscription: Subscription) async throws -> Outcome {
        let timeout = connection.channel.eventLoop.scheduleTask(in: .seconds(Handshake.limit.components.seconds)) {
            [connection] in connection.close()
        }
        defer { timeout.cancel() }
        let id = RequestID.number(1)
        var (hellos, events) = ([TarsierEvent](), [TarsierEvent]())
        while true {
            let message = try await next()
            switch message {
            case .hello(let hello):
                guard hello.proto == Hello.protocolVersion else {
                    let ours = Hello.protocolVersion
                    throw TarsierError(
                        .protocolError, "the daemon speaks protocol \(hello.proto), this client \(ours); update one")
                }
                hellos.append(.connected(hello))
                do { try await connection.send(ClientRequest(id: id, operation: .subscribe(subscription))) } catch {
                    throw ending
                }
            case .reply(let reply):
                if case .failure(let error) = reply.outcome { throw TarsierError(error) }
                guard reply.id == id else { continue }
                guard case .success(.resumed(let resumption)) = reply.outcome else {
                    return Outcome(events: hellos + events, failure: nil)
                }
                let (missed, failure) = try await missed(resumption.replayed)
                // Behind a part of what was missed, later ones would hide that there is more: they are asked for again, too.
                return Outcome(events: hellos + missed + (failure == nil ? events : []), failure: failure)
            case .power, .camera, .presence, .model:
                if let event = TarsierEvent(message), event.isWanted(by: subscription) { events.append(event) }
            case .result, .gap, .unknown: continue
            }
        }
    }

    /// The events that follow the reply, without anything in between: all of them, or why there are no more.
    private mutating func missed(_ count: Int) async throws -> (events: [TarsierEvent], failure: TarsierError?) {
        guard count <= Handshake.mostReplayed else {
            throw TarsierError(.protocolError, "this is not a tarsier daemon: it remembers \(count) events")
        }
        var events: [TarsierEvent] = []
        while events.count < count {
            do {
                guard let event = TarsierEvent(try await next()) else { continue }
                events.append(event)
                idle -= 1
            } catch let error as TarsierError where error.isPassing && !events.isEmpty {
                return (events, error)
            }
        }
        return (events, nil)
    }

    private mutating func next() async throws -> ServerMessage {
        idle += 1
        guard idle <= Handshake.mostIdle else {
            throw TarsierError(
                .protocolError, "this is not a tarsier daemon: it does not answer, and talks without end")
        }
        if let message = try await messages.next() { return message }
        try Task.checkCancellation()
        throw ending
    }

    /// Why the connection has ended.
    private var ending: TarsierError {
        ContinuousClock.now < deadline
            ? TarsierError(.disconnected, "the daemon on \(path) closed the connection")
            : TarsierError(.timedOut, "the daemon on \(path) did not answer within 5 s")
    }
}
