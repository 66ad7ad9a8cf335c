/// The first line of every connection: who answers, and the last result. `{"type":"hello",...}` on the wire.
public struct Hello: Hashable, Sendable {
    /// The protocol this module speaks. Fields may be added without a new number; meanings never change under one.
    public static let protocolVersion = 1

    /// Version of the protocol.
    public var proto: Int
    /// Version of the daemon.
    public var version: String
    public var model: ModelInfo
    public var camera: CameraInfo
    /// Names this run of the daemon: another one counts results and state events anew.
    public var run: String
    /// Number of the newest state event; 0 before the first. What it left behind is in `camera`, `power`, `present`.
    public var stateSeq: UInt64
    /// The working point; nil before the daemon has chosen one.
    public var power: PowerEvent?
    /// The label that is present; nil when none is.
    public var present: Presence?
    /// The newest result, whatever its age; nil before the first.
    public var last: ResultEvent?

    /// Whether `last` is kept from before the camera was lost: nobody has looked since.
    public var isHeld: Bool { camera.state == .lost && last != nil }

    public init(
        proto: Int = Hello.protocolVersion, version: String, model: ModelInfo, camera: CameraInfo, run: String = "",
        stateSeq: UInt64 = 0, power: PowerEvent? = nil, present: Presence? = nil, last: ResultEvent?
    ) {
        self.run = run
        self.stateSeq = stateSeq
        self.power = power
        self.present = present
        self.proto = proto
        self.version = version
        self.model = model
        self.camera = camera
        self.last = last
    }
}

/// The model the daemon runs.
public struct ModelInfo: Hashable, Sendable {
    public var name: String
    /// SHA-256 of the model file, in hexadecimal.
    public var sha256: String
    /// Number of classes.
    public var labels: Int
    /// Height, width and channels of the network's input.
    public var input: [Int]

    public init(name: String, sha256: String, labels: Int, input: [Int]) {
        self.name = name
        self.sha256 = sha256
        self.labels = labels
        self.input = input
    }
}

/// The camera (or other source) the daemon looks through.
public struct CameraInfo: Hashable, Sendable {
    public var id: String
    public var state: CameraState

    public init(id: String, state: CameraState) {
        self.id = id
        self.state = state
    }
}

extension Hello {
    func write(to line: inout JSONLine) {
        line.key("proto")
        line.integer(proto)
        line.key("version")
        line.string(version)
        line.key("model")
        model.write(to: &line)
        line.key("camera")
        camera.write(to: &line)
        line.key("run")
        line.string(run)
        line.key("state_seq")
        line.integer(stateSeq)
        line.key("power")
        if let power {
            line.beginObject()
            power.write(to: &line)
            line.endObject()
        } else {
            line.null()
        }
        line.key("present")
        if let present { present.write(to: &line) } else { line.null() }
        line.key("last")
        if let last { last.write(to: &line, view: .full) } else { line.null() }
        line.key("held")
        line.bool(isHeld)
    }
}

extension ModelInfo {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("name")
        line.string(name)
        line.key("sha256")
        line.string(sha256)
        line.key("labels")
        line.integer(labels)
        line.key("input")
        line.beginArray()
        for extent in input { line.integer(extent) }
        line.endArray()
        line.endObject()
    }
}

extension CameraInfo {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("id")
        line.string(id)
        line.key("state")
        line.string(state.rawValue)
        line.endObject()
    }
}
