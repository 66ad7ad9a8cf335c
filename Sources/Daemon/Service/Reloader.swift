internal import LinuxIO
internal import Logging
internal import Publishing
internal import Synchronization
internal import Wire

/// Which model the daemon runs, for `status` and `metrics`. Any thread.
final class ModelInUse: Sendable {
    private let current: Mutex<ModelInfo>

    init(_ info: ModelInfo) { current = Mutex(info) }

    var info: ModelInfo {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// SIGHUP: reads the configuration again and, when everything about it is sound, swaps model and settings between two frames.
/// Whatever is wrong leaves the daemon as it was; the log and the service manager are told. One reload at a time.
final class Reloader: Sendable {
    private let configuration: Mutex<RunConfiguration>
    private let model: ModelInUse
    private let read: @Sendable () throws(Failure) -> RunConfiguration
    private let governor: GovernorLoop
    private let server: ResultServer
    private let pictures: PictureTap
    private let notifier: ServiceNotifier
    private let log: Logger
    /// One change at a time, by signal or by request.
    private let turn = Mutex(())
    /// Told of each model that a signal brought.
    private let changed = Mutex<Listener?>(nil)

    /// A function in a type of its own: see `ResultServer.Waker`.
    private struct Listener: Sendable {
        let tell: @Sendable (ModelState.Loaded) -> Void
    }

    /// - Parameter read: reads the configuration anew.
    init(
        _ configuration: RunConfiguration, model: ModelInUse, governor: GovernorLoop, server: ResultServer,
        pictures: PictureTap, notifier: ServiceNotifier, log: Logger,
        read: @escaping @Sendable () throws(Failure) -> RunConfiguration
    ) {
        self.configuration = Mutex(configuration)
        self.model = model
        self.governor = governor
        self.server = server
        self.pictures = pictures
        self.notifier = notifier
        self.log = log
        self.read = read
    }

    func whenReloaded(_ body: @escaping @Sendable (ModelState.Loaded) -> Void) {
        changed.withLock { $0 = Listener(tell: body) }
    }

    /// Takes up to seconds; the pipeline goes on meanwhile. On a thread of its own.
    func reload(_ pipeline: Pipeline) {
        turn.withLock { _ in reloadInTurn(pipeline) }
        ProcessMemory.release()
    }

    /// Another model with the settings as they are, from the next frame on; it lasts until the next reload or restart. On a
    /// thread of its own.
    /// - Parameter sha256: what the file must be; nil takes any.
    /// - Throws: what is wrong with the model; nothing has changed then.
    func change(to path: String, sha256: String?, _ pipeline: Pipeline) throws(Failure) -> ModelState.Loaded {
        defer { ProcessMemory.release() }
        return try turn.withLock { (_) throws(Failure) in
            var next = configuration.withLock { $0 }
            next.model = path
            let prepared = try PreparedModel(next, isChecked: true)
            if let sha256, prepared.info.sha256 != sha256 {
                throw Failure(
                    .badData, "\(path): is another file than it was; name it with `tarsier model set` to take it")
            }
            apply(next, prepared, pipeline, keepsAsked: true)
            return prepared.loaded
        }
    }

    /// A model made ready beside the one that runs.
    func prepare(path: String, threads: Int) throws(Failure) -> (ModelState.Loaded, Inference) {
        defer { ProcessMemory.release() }
        var other = configuration.withLock { $0 }
        other.model = path
        other.threads = .fixed(threads)
        let prepared = try PreparedModel(other, isChecked: true)
        return (prepared.loaded, prepared.inference)
    }

    private func reloadInTurn(_ pipeline: Pipeline) {
        notifier.reloading()
        do throws(Failure) {
            let next = try read()
            let prepared = try PreparedModel(next, isChecked: true)
            apply(next, prepared, pipeline, keepsAsked: false)
            changed.withLock { $0 }?.tell(prepared.loaded)
            log.info("reloaded: \(prepared.description)")
            notifier.ready("reloaded, \(prepared.info.name)")
        } catch {
            log.error("not reloaded, going on as before: \(error.message)")
            notifier.ready("going on as before, the reload failed: \(error.message)")
        }
    }

    private func apply(
        _ next: RunConfiguration, _ prepared: PreparedModel, _ pipeline: Pipeline, keepsAsked: Bool
    ) {
        let before = configuration.withLock { configuration in
            defer { configuration = next }
            return configuration
        }
        for name in Reloader.unchangeable(before, next) {
            log.warning("\(name) has changed; that takes a restart: systemctl restart tarsier")
        }
        pipeline.replace(prepared.inference)
        model.info = prepared.info
        pictures.allow(next.handsPictures)
        server.replace(model: prepared.info, labels: prepared.inference.labels)
        for remark in prepared.remarks { log.warning("\(remark)") }
        governor.change(to: prepared, limits: next.limits, keepsAsked: keepsAsked)
    }

    /// Settings that differ and that a running daemon cannot change.
    static func unchangeable(_ before: RunConfiguration, _ next: RunConfiguration) -> [String] {
        var names: [String] = []
        if before.source != next.source { names.append("source") }
        if before.socket != next.socket { names.append("socket") }
        if before.maxClients != next.maxClients { names.append("max-clients") }
        if before.idle != next.idle { names.append("idle") }
        if before.log != next.log { names.append("log-format or log-level") }
        return names
    }
}
