/// What the daemon does now: the answer to `status`.
public struct Status: Hashable, Sendable {
    /// Where the captured frames went. They obey `captured == inferred + sum of skipped`, frames under way aside.
    public struct Frames: Hashable, Sendable {
        public var captured: UInt64
        public var inferred: UInt64
        /// Frames not inferred, by reason: motion, rate, busy, thermal, corrupt, nobody.
        public var skipped: [String: UInt64]

        public init(captured: UInt64 = 0, inferred: UInt64 = 0, skipped: [String: UInt64] = [:]) {
            self.captured = captured
            self.inferred = inferred
            self.skipped = skipped
        }
    }

    /// The socket's own counters.
    public struct Clients: Hashable, Sendable {
        /// Connected now, the asker among them.
        public var connected: Int
        /// Connected now and subscribed to results or presences: those the daemon infers for.
        public var subscribed: Int
        /// Connections accepted since the start.
        public var accepted: UInt64
        /// Connections turned away because the daemon served as many as it may.
        public var refused: UInt64
        /// Connections ended, by reason.
        public var disconnects: [String: UInt64]
        /// Results left out for slow clients.
        public var conflated: UInt64
        /// Bytes handed to the kernel.
        public var bytesSent: UInt64

        public init(
            connected: Int = 0, subscribed: Int = 0, accepted: UInt64 = 0, refused: UInt64 = 0,
            disconnects: [String: UInt64] = [:], conflated: UInt64 = 0, bytesSent: UInt64 = 0
        ) {
            self.connected = connected
            self.subscribed = subscribed
            self.accepted = accepted
            self.refused = refused
            self.disconnects = disconnects
            self.conflated = conflated
            self.bytesSent = bytesSent
        }
    }

    public var version: String
    public var model: ModelInfo
    public var camera: CameraInfo
    /// Since the daemon started, in milliseconds.
    public var uptimeMs: UInt64
    /// The working point and why it was chosen.
    public var power: PowerEvent
    public var frames: Frames
    public var clients: Clients
    /// What this machine's sensors say, by name with its unit, such as `temperature_celsius`; empty where it has none.
    public var sensors: [String: Double]
    /// A second model that is compared with the first; nil where there is none.
    public var shadow: ShadowState?

    public init(
        version: String, model: ModelInfo, camera: CameraInfo, uptimeMs: UInt64, power: PowerEvent, frames: Frames,
        clients: Clients = Clients(), sensors: [String: Double] = [:], shadow: ShadowState? = nil
    ) {
        self.shadow = shadow
        self.sensors = sensors
        self.version = version
        self.model = model
        self.camera = camera
        self.uptimeMs = uptimeMs
        self.power = power
        self.frames = frames
        self.clients = clients
    }
}

extension Status {
    /// The status alone as a line with its newline. Any thread.
    package func encodeLine() -> [UInt8] {
        var line = JSONLine()
        write(to: &line)
        return line.finish()
    }

    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("version")
        line.string(version)
        line.key("uptime_ms")
        line.integer(uptimeMs)
        line.key("model")
        model.write(to: &line)
        line.key("camera")
        camera.write(to: &line)
        line.key("power")
        line.beginObject()
        power.write(to: &line)
        line.endObject()
        line.key("frames")
        frames.write(to: &line)
        line.key("clients")
        clients.write(to: &line)
        if !sensors.isEmpty {
            line.key("sensors")
            line.beginObject()
            for (name, value) in sensors.sorted(by: { $0.key < $1.key }) {
                line.key(name)
                line.number(value, decimals: 3)
            }
            line.endObject()
        }
        if let shadow {
            line.key("shadow")
            shadow.write(to: &line)
        }
        line.endObject()
    }
}

extension Status.Frames {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("captured")
        line.integer(captured)
        line.key("inferred")
        line.integer(inferred)
        line.key("skipped")
        line.counts(skipped)
        line.endObject()
    }
}

extension Status.Clients {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("connected")
        line.integer(connected)
        line.key("subscribed")
        line.integer(subscribed)
        line.key("accepted")
        line.integer(accepted)
        line.key("refused")
        line.integer(refused)
        line.key("disconnects")
        line.counts(disconnects)
        line.key("conflated")
        line.integer(conflated)
        line.key("bytes_sent")
        line.integer(bytesSent)
        line.endObject()
    }
}

extension JSONLine {
    /// An object of counters in the order of their names.
    mutating func counts(_ counts: [String: UInt64]) {
        beginObject()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            key(name)
            integer(count)
        }
        endObject()
    }
}
