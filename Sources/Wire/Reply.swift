/// The answer to one request. `{"type":"reply",...}` on the wire.
public struct Reply: Hashable, Sendable {
    /// What a request brought, beside success.
    public enum Body: Hashable, Sendable {
        case none
        case status(Status)
        /// OpenMetrics text.
        case metrics(String)
        /// In the order of the network's outputs.
        case labels([String])
        /// To a `subscribe` that asked to go on where it had stopped.
        case resumed(Resumption)
        case picture(Picture)
    }

    /// The request's id; nil where it had none or could not be read.
    public var id: RequestID?
    public var outcome: Result<Body, ReplyError>

    public init(id: RequestID?, outcome: Result<Body, ReplyError>) {
        self.id = id
        self.outcome = outcome
    }
}

/// What a client missed between two connections.
public struct Resumption: Hashable, Sendable {
    /// State events that follow this reply at once: those the client asked for and had not been sent.
    public var replayed: Int
    /// State events that are no longer remembered; nil when this is another run of the daemon.
    public var lost: UInt64?

    public init(replayed: Int, lost: UInt64?) {
        self.replayed = replayed
        self.lost = lost
    }
}

/// Why a request failed.
public struct ReplyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// An open set: a newer daemon may have a code this list lacks.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not JSON, a field of the wrong type, or a value out of range.
        public static let badRequest = Code(rawValue: "bad_request")
        /// No such `op`.
        public static let unknownOp = Code(rawValue: "unknown_op")
        /// `set` from a user who is neither root nor the daemon's; `picture` where the daemon hands none out.
        public static let forbidden = Code(rawValue: "forbidden")
        /// A line longer than 64 KiB, asked or answered.
        public static let tooLong = Code(rawValue: "too_long")
        /// The daemon serves as many clients as it may.
        public static let busy = Code(rawValue: "busy")
        /// The daemon cannot answer this now.
        public static let unavailable = Code(rawValue: "unavailable")
    }

    public var code: Code
    /// For people: the thing, the cause and the remedy.
    public var message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) (\(code.rawValue))" }
}

/// A client's own name for a request, echoed in the reply.
public enum RequestID: Hashable, Sendable {
    case number(Int64)
    /// At most 64 bytes.
    case text(String)
}

extension Reply {
    func write(to line: inout JSONLine) {
        line.key("id")
        switch id {
        case .number(let number): line.integer(number)
        case .text(let text): line.string(text)
        case nil: line.null()
        }
        line.key("ok")
        switch outcome {
        case .success(let body):
            line.bool(true)
            body.write(to: &line)
        case .failure(let error):
            line.bool(false)
            line.key("error")
            line.beginObject()
            line.key("code")
            line.string(error.code.rawValue)
            line.key("message")
            line.string(error.message)
            line.endObject()
        }
    }
}

extension Reply.Body {
    func write(to line: inout JSONLine) {
        switch self {
        case .none: break
        case .status(let status):
            line.key("status")
            status.write(to: &line)
        case .metrics(let text):
            line.key("metrics")
            line.string(text)
        case .labels(let labels):
            line.key("labels")
            line.beginArray()
            for label in labels { line.string(label) }
            line.endArray()
        case .resumed(let resumption):
            line.key("resumed")
            line.beginObject()
            line.key("replayed")
            line.integer(resumption.replayed)
            line.key("lost")
            if let lost = resumption.lost { line.integer(lost) } else { line.null() }
            line.endObject()
        case .picture(let picture):
            line.key("picture")
            picture.write(to: &line)
        }
    }
}
