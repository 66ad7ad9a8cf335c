/// Why the daemon could not be asked, or stopped answering.
public struct TarsierError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        /// Nobody listens on the path.
        case notRunning
        /// The socket exists, and this user may not write to it.
        case permissionDenied
        /// The path cannot be a socket's.
        case badPath
        /// The daemon serves as many clients as it may.
        case busy
        /// The daemon went away.
        case disconnected
        /// What answers does not speak this protocol.
        case protocolError
        /// The daemon refused the request.
        case rejected
        /// The daemon did not answer in time.
        case timedOut
    }

    public let code: Code
    /// One line for people: the thing, the cause and the remedy.
    public let message: String
    /// What the daemon said, where it said something.
    public let reply: ReplyError?

    public var description: String { message }

    init(_ code: Code, _ message: String, reply: ReplyError? = nil) {
        self.code = code
        self.message = message
        self.reply = reply
    }

    init(_ reply: ReplyError) {
        self.init(reply.code == .busy ? .busy : .rejected, "the daemon says: \(reply.message)", reply: reply)
    }

    /// Whether trying again later may help.
    var isPassing: Bool {
        switch code {
        case .notRunning, .busy, .disconnected, .timedOut: true
        case .permissionDenied, .badPath, .protocolError, .rejected: false
        }
    }
}
