/// The governor chose another working point. `{"type":"power",...}` on the wire.
public struct PowerEvent: Hashable, Sendable {
    /// Worker threads from now on.
    public var threads: Int
    /// Inferences a second from now on; nil for as many as the camera gives.
    public var rate: Double?
    /// Why, for people: `79 C, limit 75 C`.
    public var cause: String
    /// The cause in one word, for scripts: `heat`; empty where the daemon does not say. The set may grow.
    public var kind: String
    /// Number of this state event; nil where it was not sent as one.
    public var stateSeq: UInt64?

    public init(threads: Int, rate: Double?, cause: String, kind: String = "", stateSeq: UInt64? = nil) {
        self.kind = kind
        self.threads = threads
        self.rate = rate
        self.cause = cause
        self.stateSeq = stateSeq
    }
}

/// How the camera is. An open set: a newer daemon may say something this list lacks.
public struct CameraState: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Being opened; no frame yet.
    public static let starting = CameraState(rawValue: "starting")
    /// Frames arrive.
    public static let ok = CameraState(rawValue: "ok")
    /// Unplugged or failing; the daemon keeps trying.
    public static let lost = CameraState(rawValue: "lost")
    /// A source with an end has reached it.
    public static let ended = CameraState(rawValue: "ended")
}

/// The camera came, went or ended. `{"type":"camera",...}` on the wire.
public struct CameraEvent: Hashable, Sendable {
    public var state: CameraState
    /// Why, for people: `unplugged`.
    public var cause: String
    /// Number of this state event; nil where it was not sent as one.
    public var stateSeq: UInt64?

    public init(state: CameraState, cause: String, stateSeq: UInt64? = nil) {
        self.state = state
        self.cause = cause
        self.stateSeq = stateSeq
    }
}

/// Results were left out because this client read too slowly. Comes before the next result.
public struct Gap: Hashable, Sendable {
    /// Results this subscription asked for and was not sent since the last notice; at least 1.
    public var dropped: UInt64

    public init(dropped: UInt64) { self.dropped = dropped }
}

/// A change of the daemon's state that no subscriber may miss.
package enum StateEvent: Hashable, Sendable {
    case power(PowerEvent)
    case camera(CameraEvent)
    case presence(PresenceEvent)
    case model(ModelEvent)

    /// The line for every client. Any thread.
    package func encodeLine() -> [UInt8] {
        switch self {
        case .power(let event): ServerMessage.power(event).encodeLine()
        case .camera(let event): ServerMessage.camera(event).encodeLine()
        case .presence(let event): ServerMessage.presence(event).encodeLine()
        case .model(let event): ServerMessage.model(event).encodeLine()
        }
    }

    /// The same event with its number.
    package func numbered(_ number: UInt64) -> StateEvent {
        switch self {
        case .power(var event):
            event.stateSeq = number
            return .power(event)
        case .camera(var event):
            event.stateSeq = number
            return .camera(event)
        case .presence(var event):
            event.stateSeq = number
            return .presence(event)
        case .model(var event):
            event.stateSeq = number
            return .model(event)
        }
    }

    /// The kind a subscription must hold to be sent this event.
    package var kind: Subscription.Events {
        switch self {
        case .power: .power
        case .camera: .camera
        case .presence: .presence
        case .model: .model
        }
    }
}

extension CameraEvent {
    func write(to line: inout JSONLine) {
        line.stateSeq(stateSeq)
        line.key("state")
        line.string(state.rawValue)
        line.key("cause")
        line.string(cause)
    }
}

extension JSONLine {
    /// The number of a state event, where it has one.
    mutating func stateSeq(_ number: UInt64?) {
        guard let number else { return }
        key("state_seq")
        integer(number)
    }
}

extension PowerEvent {
    func write(to line: inout JSONLine) {
        line.stateSeq(stateSeq)
        line.key("threads")
        line.integer(threads)
        line.key("rate")
        line.number(rate ?? .infinity, decimals: 2)
        line.key("cause")
        line.string(cause)
        if !kind.isEmpty {
            line.key("kind")
            line.string(kind)
        }
    }
}
