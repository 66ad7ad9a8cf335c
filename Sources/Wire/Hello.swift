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
    /// The newest result, whatever its age; nil before the first.
    public var last: ResultEvent?

    public init(
        proto: Int = Hello.protocolVersion, version: String, model: ModelInfo, camera: CameraInfo, last: ResultEvent?
    ) {
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
        line.key("last")
        if let last { last.write(to: &line, view: .full) } else { line.null() }
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
