internal import LinuxIO
package import Wire

/// Where the server listens and what it grants. Immutable; the defaults are the product's.
package struct ServerConfiguration: Sendable {
    /// Path of the socket file; at most 107 bytes.
    package var path: String
    /// Permissions of the socket file. Who may write to it may subscribe.
    package var mode: UInt16 = 0o660
    /// A listening socket handed over by the service manager; then `path` is only a name for messages, and its file
    /// is left alone.
    package var activated: ActivatedSocket?
    /// Clients at the same time.
    package var maxClients = 64
    /// Messages that wait for one client before its results conflate.
    package var ringMessages = 64
    /// State events that are remembered for clients that come back.
    package var rememberedStates = 128
    /// Bytes that wait for one client before its results conflate.
    package var ringBytes = 256 * 1024
    /// State events and replies that may wait for one client before it is disconnected.
    package var hardMessages = 256
    /// Bytes of state events and replies that may wait for one client before it is disconnected.
    package var hardBytes = 256 * 1024
    /// How long the kernel may refuse a client's next line before the client is disconnected.
    package var stallTimeout: Duration = .seconds(10)
    /// Requests a second that one client is answered; further ones wait.
    package var requestsPerSecond = 100
    /// SO_SNDBUF of each client, in bytes; the kernel doubles it. About 100 results: a hiccup costs none, and a slow
    /// reader is at most seconds behind.
    package var sendBufferBytes = 64 * 1024
    /// How long `shutdown()` waits for clients to take what is queued.
    package var shutdownGrace: Duration = .milliseconds(80)

    package init(path: String) {
        self.path = path
    }
}

/// Who the daemon is, for `hello` and `labels`.
package struct ServerIdentity: Sendable {
    package var version: String
    package var model: ModelInfo
    /// In the order of the network's outputs. When not empty, a subscription to any other label is refused.
    package var labels: [String]
    package var camera: CameraInfo

    package init(version: String, model: ModelInfo, labels: [String], camera: CameraInfo) {
        self.version = version
        self.model = model
        self.labels = labels
        self.camera = camera
    }
}

/// What the daemon answers for the server. Called on the server's thread: they return at once and never block on a
/// client or on the network.
package struct ServerHandlers: Sendable {
    /// The server fills in `clients` and the camera.
    package var status: (@Sendable () -> Status)?
    /// OpenMetrics text; is given the socket's own counters, and the camera's state.
    package var metrics: (@Sendable (Status.Clients, CameraState) -> String)?
    /// Applies all settings or none; returns what is wrong with them. Called only for root and the daemon's own user.
    package var set: (@Sendable ([String: SettingValue]) -> ReplyError?)?
    /// The number of clients subscribed to results changed: the moment to wake a pipeline that rests without any.
    package var subscribersChanged: (@Sendable (Int) -> Void)?

    /// A client has asked for results or presences of its own accord, beyond what every connection gets.
    package var subscribed: (@Sendable () -> Void)?
    /// Answers later, once, on any thread: the next frame must come first.
    package var picture: (@Sendable (@escaping PictureAnswer) -> Void)?

    package typealias PictureAnswer = @Sendable (Result<Picture, ReplyError>) -> Void

    package init(
        status: (@Sendable () -> Status)? = nil,
        metrics: (@Sendable (Status.Clients, CameraState) -> String)? = nil,
        set: (@Sendable ([String: SettingValue]) -> ReplyError?)? = nil,
        subscribersChanged: (@Sendable (Int) -> Void)? = nil, subscribed: (@Sendable () -> Void)? = nil
    ) {
        self.subscribed = subscribed
        self.status = status
        self.metrics = metrics
        self.set = set
        self.subscribersChanged = subscribersChanged
    }
}

/// A listening socket passed in by systemd, sd_listen_fds(3).
package struct ActivatedSocket: Hashable, Sendable {
    package let descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The first descriptor handed over, from 3 on, that is a listening Unix stream socket. nil where none is: the daemon
    /// then binds its own path.
    package init?(environment: [String: String], processID: Int32) {
        let handed = ActivatedSocket.handed(environment: environment, processID: processID)
        guard let found = handed.first(where: UnixSocket.isListener) else { return nil }
        descriptor = found
    }

    /// Whether the service manager handed over descriptors, usable or not.
    package static func isOffered(environment: [String: String], processID: Int32) -> Bool {
        !handed(environment: environment, processID: processID).isEmpty
    }

    /// Empty unless `LISTEN_PID` names this process and `LISTEN_FDS` is at least 1.
    static func handed(environment: [String: String], processID: Int32) -> Range<Int32> {
        guard let pid = environment["LISTEN_PID"].flatMap({ Int32($0) }), pid == processID,
            let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count >= 1
        else { return 3..<3 }
        // Nobody hands over more than a few; a wrong number must not cost a million calls.
        return 3..<(3 + min(count, 64))
    }
}
