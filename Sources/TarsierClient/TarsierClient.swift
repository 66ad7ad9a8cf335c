import NIOCore
import Wire

/// A client of the Tarsier daemon on this machine.
///
///     for try await event in TarsierClient().events() {
///         if case .result(let result) = event { print(result.label, result.score) }
///     }
///
/// A value: it holds a path, and each call opens its own connection. May be used from any task.
public struct TarsierClient: Sendable {
    /// Where the packaged daemon listens.
    public static let defaultPath = "/run/tarsier/tarsier.sock"

    /// Path of the daemon's socket.
    public let path: String

    public init(path: String = TarsierClient.defaultPath) {
        self.path = path
    }

    /// Results and state events as they come.
    /// - Parameter reconnect: how to go on when the daemon goes away or is not there yet; nil to end instead.
    public func events(
        subscription: Subscription = Subscription(), reconnect: Backoff? = Backoff()
    ) -> EventStream {
        EventStream(path: path, subscription: subscription, backoff: reconnect)
    }

    /// What the daemon does now.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func status() async throws -> Status {
        guard case .status(let status) = try await request(.status) else { throw TarsierError.wrongBody }
        return status
    }

    /// The daemon's metrics in OpenMetrics text.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func metrics() async throws -> String {
        guard case .metrics(let text) = try await request(.metrics) else { throw TarsierError.wrongBody }
        return text
    }

    /// The model's labels in the order of its outputs.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func labels() async throws -> [String] {
        guard case .labels(let labels) = try await request(.labels) else { throw TarsierError.wrongBody }
        return labels
    }

    /// Asks whether the daemon answers.
    /// - Returns: the time from connecting to the answer.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func ping() async throws -> Duration {
        let start = ContinuousClock.now
        _ = try await request(.ping)
        return ContinuousClock.now - start
    }

    /// Changes settings of the running daemon; only root and the daemon's own user may.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func set(_ values: [String: SettingValue]) async throws {
        _ = try await request(.set(values))
    }

    /// What the network was shown last, as a JPEG. Comes with the next frame that is looked at, so somebody must be subscribed
    /// to results; only where the daemon's configuration has `picture = on`.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public func picture() async throws -> Picture {
        guard case .picture(let picture) = try await request(.picture) else { throw TarsierError.wrongBody }
        return picture
    }

    private func request(_ operation: ClientRequest.Operation) async throws -> Reply.Body {
        let connection = try await Connection.open(path: path)
        let timeout = connection.channel.eventLoop.scheduleTask(in: .seconds(5)) { connection.close() }
        defer {
            timeout.cancel()
            connection.close()
        }
        let id = RequestID.number(1)
        try await connection.send(ClientRequest(id: id, operation: operation))
        for try await message in connection.messages {
            guard case .reply(let reply) = message else { continue }
            switch reply.outcome {
            case .success(let body) where reply.id == id: return body
            case .success: continue
            case .failure(let error): throw TarsierError(error)
            }
        }
        try Task.checkCancellation()
        throw TarsierError(.timedOut, "the daemon on \(path) closed the connection or did not answer within 5 s")
    }
}

extension TarsierError {
    static let wrongBody = TarsierError(
        .protocolError, "the daemon answered something else than was asked; is it of another version?")
}
