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

    /// Takes up to seconds; the pipeline goes on meanwhile. On a thread of its own.
    func reload(_ pipeline: Pipeline) {
        notifier.reloading()
        do throws(Failure) {
            let next = try read()
            let prepared = try PreparedModel(next, isChecked: true)
            apply(next, prepared, pipeline)
            log.info("reloaded: \(prepared.description)")
            notifier.ready("reloaded, \(prepared.info.name)")
        } catch {
            log.error("not reloaded, going on as before: \(error.message)")
            notifier.ready("going on as before, the reload failed: \(error.message)")
        }
    }

    private func apply(_ next: RunConfiguration, _ prepared: PreparedModel, _ pipeline: Pipeline) {
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
        if let remark = prepared.remark { log.warning("\(remark)") }
        governor.change(to: prepared, limits: next.limits)
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
