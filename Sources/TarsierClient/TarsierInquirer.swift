import NIOCore
import Wire

/// One question after another over one connection, which is made at the first and kept; it is subscribed to nothing. For who
/// asks again and again; `TarsierClient` asks once.
///
/// Used by one task at a time. After an error the next question makes a new connection.
public struct TarsierInquirer {
    private let path: String
    private var line: (connection: Connection, messages: Connection.Messages.AsyncIterator)?
    private var lastID: Int64 = 0

    public init(path: String = TarsierClient.defaultPath) { self.path = path }

    /// What the daemon does now.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public mutating func status() async throws -> Status {
        guard case .status(let status) = try await ask(.status) else { throw TarsierError.wrongBody }
        return status
    }

    /// What the network was shown last; see `TarsierClient.picture`.
    /// - Throws: `TarsierError`, or `CancellationError`.
    public mutating func picture() async throws -> Picture {
        guard case .picture(let picture) = try await ask(.picture) else { throw TarsierError.wrongBody }
        return picture
    }

    /// Gives the connection up until the next question.
    public mutating func close() {
        line?.connection.close()
        line = nil
    }

    private mutating func ask(_ operation: ClientRequest.Operation) async throws -> Reply.Body {
        let connection: Connection
        do {
            connection = try await connect()
        } catch {
            close()
            throw error
        }
        let timeout = connection.channel.eventLoop.scheduleTask(in: .seconds(5)) { connection.close() }
        defer { timeout.cancel() }
        do {
            return try await exchange(operation)
        } catch let error as TarsierError where error.code == .rejected {
            // A refusal is an answer: the connection is as good as before.
            throw error
        } catch {
            close()
            throw error
        }
    }

    private mutating func connect() async throws -> Connection {
        if let line { return line.connection }
        let connection = try await Connection.open(path: path)
        line = (connection, connection.messages.makeAsyncIterator())
        let nothing = Subscription(events: [])
        lastID += 1
        try await connection.send(ClientRequest(id: .number(lastID), operation: .subscribe(nothing)))
        return connection
    }

    private mutating func exchange(_ operation: ClientRequest.Operation) async throws -> Reply.Body {
        guard let line else { throw TarsierError(.disconnected, "the daemon closed the connection") }
        lastID += 1
        let id = RequestID.number(lastID)
        try await line.connection.send(ClientRequest(id: id, operation: operation))
        while let message = try await line.messages.next() {
            guard case .reply(let reply) = message, reply.id == id || reply.id == nil else { continue }
            switch reply.outcome {
            case .success(let body): return body
            case .failure(let error): throw TarsierError(error)
            }
        }
        try Task.checkCancellation()
        throw TarsierError(.timedOut, "the daemon on \(path) closed the connection or did not answer within 5 s")
    }
}
