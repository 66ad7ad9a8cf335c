/// What a client asks about the daemon's model. `{"op":"model",...}` on the wire.
public enum ModelRequest: Hashable, Sendable {
    /// What runs, what ran before, and what runs beside it.
    case show
    /// Another model from the next frame on.
    case set(path: String)
    /// The model before the last change.
    case rollback
    /// A second model on some of the frames; what it says is only compared.
    case shadow(path: String)
    case unshadow

    /// What `do` says.
    package var name: String {
        switch self {
        case .show: "show"
        case .set: "set"
        case .rollback: "rollback"
        case .shadow: "shadow"
        case .unshadow: "unshadow"
        }
    }
}

/// The daemon's models: the answer to `model`.
public struct ModelState: Hashable, Sendable {
    /// A model and where it was read.
    public struct Loaded: Hashable, Sendable {
        public var path: String
        public var info: ModelInfo

        public init(path: String, info: ModelInfo) { (self.path, self.info) = (path, info) }
    }

    /// The last change that was asked for.
    public struct Change: Hashable, Sendable {
        /// Counts changes of this run, from 1.
        public var number: UInt64
        /// As in the request.
        public var what: String
        /// It takes up to seconds; results go on meanwhile.
        public var isDone: Bool
        /// Why nothing was changed; nil when it was, or is under way.
        public var error: String?

        public init(number: UInt64, what: String, isDone: Bool, error: String? = nil) {
            (self.number, self.what, self.isDone, self.error) = (number, what, isDone, error)
        }
    }

    public var current: Loaded
    /// What `rollback` goes back to; nil before the first change.
    public var previous: Loaded?
    public var shadow: ShadowState?
    public var change: Change?

    public init(current: Loaded, previous: Loaded? = nil, shadow: ShadowState? = nil, change: Change? = nil) {
        (self.current, self.previous, self.shadow, self.change) = (current, previous, shadow, change)
    }
}

/// A second model that sees some of the frames, and how often it says something else.
public struct ShadowState: Hashable, Sendable {
    public var model: ModelState.Loaded
    /// One frame in so many is offered to it.
    public var every: Int
    /// Frames that both have answered.
    public var frames: UInt64
    /// Of those, with different best labels.
    public var disagreed: UInt64
    /// Frames that it was not ready for.
    public var late: UInt64

    public init(model: ModelState.Loaded, every: Int, frames: UInt64 = 0, disagreed: UInt64 = 0, late: UInt64 = 0) {
        (self.model, self.every, self.frames, self.disagreed, self.late) = (model, every, frames, disagreed, late)
    }
}

/// Another model runs, or the shadow says something else. `{"type":"model",...}` on the wire.
public struct ModelEvent: Hashable, Sendable {
    /// `set`, `rollback`, `reload`, `shadow`, `unshadow` or `disagreement`; the set may grow.
    public var what: String
    /// The model the event is about.
    public var model: ModelInfo
    /// For people: `cat, the shadow says dog; 4 of 120 frames differ`.
    public var cause: String
    /// Number of this state event; nil where it was not sent as one.
    public var stateSeq: UInt64?

    public init(what: String, model: ModelInfo, cause: String, stateSeq: UInt64? = nil) {
        (self.what, self.model, self.cause, self.stateSeq) = (what, model, cause, stateSeq)
    }
}

// MARK: writing

extension ModelRequest {
    func write(to line: inout JSONLine) {
        line.key("do")
        line.string(name)
        switch self {
        case .set(let path), .shadow(let path):
            line.key("path")
            line.string(path)
        case .show, .rollback, .unshadow: break
        }
    }
}

extension ModelState {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("current")
        current.write(to: &line)
        line.key("previous")
        if let previous { previous.write(to: &line) } else { line.null() }
        line.key("shadow")
        if let shadow { shadow.write(to: &line) } else { line.null() }
        line.key("change")
        if let change { change.write(to: &line) } else { line.null() }
        line.endObject()
    }

    /// The state alone as a line with its newline. Any thread.
    package func encodeLine() -> [UInt8] {
        var line = JSONLine()
        write(to: &line)
        return line.finish()
    }
}

extension ModelState.Loaded {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("path")
        line.string(path)
        line.key("model")
        info.write(to: &line)
        line.endObject()
    }
}

extension ModelState.Change {
    fileprivate func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("number")
        line.integer(number)
        line.key("what")
        line.string(what)
        line.key("done")
        line.bool(isDone)
        line.key("error")
        if let error { line.string(error) } else { line.null() }
        line.endObject()
    }
}

extension ShadowState {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("path")
        line.string(model.path)
        line.key("model")
        model.info.write(to: &line)
        line.key("every")
        line.integer(every)
        line.key("frames")
        line.integer(frames)
        line.key("disagreed")
        line.integer(disagreed)
        line.key("late")
        line.integer(late)
        line.endObject()
    }
}

extension ModelEvent {
    func write(to line: inout JSONLine) {
        line.stateSeq(stateSeq)
        line.key("what")
        line.string(what)
        line.key("model")
        model.write(to: &line)
        line.key("cause")
        line.string(cause)
    }
}

// MARK: reading

extension ModelState: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            current: try fields.required("current"), previous: try fields.optional("previous"),
            shadow: try fields.optional("shadow"), change: try fields.optional("change"))
    }
}

extension ModelState.Loaded: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(path: try fields.required("path"), info: try fields.required("model"))
    }
}

extension ModelState.Change: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            number: try fields.required("number"), what: try fields.required("what"),
            isDone: try fields.required("done"), error: try fields.optional("error"))
    }
}

extension ShadowState: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            model: try ModelState.Loaded(from: decoder), every: try fields.optional("every") ?? 1,
            frames: try fields.optional("frames") ?? 0, disagreed: try fields.optional("disagreed") ?? 0,
            late: try fields.optional("late") ?? 0)
    }
}

extension ModelEvent: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            what: try fields.required("what"), model: try fields.required("model"),
            cause: try fields.optional("cause") ?? "", stateSeq: try fields.optional("state_seq"))
    }
}
