internal import Capture
internal import LinuxIO
package import Logging
internal import Publishing
internal import ServiceLifecycle
internal import UnixSignals
internal import Wire

#if canImport(Glibc)
internal import Glibc
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// `tarsier run`: everything put together, from the configuration to an ordered end.
package enum DaemonService {
    /// Runs until the work is done or SIGTERM or SIGINT asks for the end; stops within a second then. SIGHUP reloads; in a
    /// terminal, where it means that the terminal is gone, it ends the daemon.
    /// - Parameter read: reads the configuration again, for a reload.
    /// - Throws: `Failure` with the exit code.
    package static func run(
        _ configuration: RunConfiguration, log: Logger,
        rereading read: @escaping @Sendable () throws(Failure) -> RunConfiguration
    ) async throws {
        let isInTerminal = isatty(2) == 1
        let hangups = await UnixSignalsSequence(trapping: isInTerminal ? [] : [.sighup])
        try checkSource(configuration.source)
        let process = ProcessInfo.processInfo
        let (environment, id) = (process.environment, process.processIdentifier)
        let notifier = ServiceNotifier(environment: environment, processID: id)
        ProcessMemory.release()  // of arguments and configuration
        let prepared = try PreparedModel(configuration, isChecked: false)
        ProcessMemory.release()  // of model files and planning

        let counters = FrameCounters()
        let power = PowerParts(prepared, limits: configuration.limits, log: log)
        let (point, sensors) = (power.point, LastReadings(power.readings))
        let (inferences, pace) = (InferenceLog(), CapturePace())
        var server = ServerConfiguration(path: configuration.socket)
        server.maxClients = configuration.maxClients
        server.activated = activatedSocket(environment, id, log: log)
        let camera = CameraInfo(id: "\(configuration.source)", state: .starting)
        let publisher = ResultServer(
            configuration: server,
            identity: ServerIdentity(
                version: Version.current, model: prepared.info, labels: prepared.inference.labels, camera: camera))
        let model = ModelInUse(prepared.info)
        let governor = GovernorLoop(
            power, last: sensors, server: publisher, inferences: inferences, pace: pace,
            isAlwaysWanted: !configuration.restsWithoutSubscribers, log: log)
        let shadow = Shadow(server: publisher, log: log)
        var handlers = handlers(model, camera, counters, point, sensors, shadow)
        handlers.set = { [weak governor] values in
            if let error = point.set(values) { return error }
            governor?.demandChanged()
            return nil
        }
        handlers.subscribersChanged = { [weak governor] _ in
            pace.wake()
            governor?.wake()
        }
        let pictures = PictureTap(isAllowed: configuration.handsPictures)
        handlers.picture = { answer in pictures.ask(answer) }
        publisher.setHandlers(handlers)
        let reloader = Reloader(
            configuration, model: model, governor: governor, server: publisher, pictures: pictures, notifier: notifier,
            log: log,
            read: read
        )
        let pipeline = try Pipeline(
            configuration: configuration, inference: prepared.inference, point: point, server: publisher,
            counters: counters, inferences: inferences, pace: pace, pictures: pictures, notifier: notifier,
            shadow: shadow, log: log)
        let models = ModelSwitch(prepared, reloader: reloader, shadow: shadow, server: publisher, log: log)
        reloader.whenReloaded { [weak models] in models?.reloaded(to: $0) }
        handlers.model = { request in models.answer(request, pipeline) }
        publisher.setHandlers(handlers)
        defer {
            publisher.setHandlers(ServerHandlers())  // which hold the pipeline, which holds the server
            shadow.stop()
        }
        // Before anybody can connect: every hello has a working point, and none published later by `set` is overtaken.
        let start = point.current
        publisher.publish(.power(start))
        let service = PipelineService(
            pipeline: pipeline, governor: governor, server: publisher, notifier: notifier,
            whenListening: {
                let threads = start.threads == 1 ? "1 thread" : "\(start.threads) threads"
                log.info("\(Version.current): \(prepared.description), \(threads) (\(start.cause))")
                log.info("results on \(configuration.socket)")
                notifier.ready("listening, \(prepared.info.name)")
                ProcessMemory.release()  // of everything else that runs once
            })
        try await runUntilSignal(
            service, ReloadService(signals: hangups, reload: { reloader.reload(pipeline) }), isInTerminal: isInTerminal)
        let frames = counters.snapshot
        let skipped = frames.skipped.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let tail = skipped.isEmpty ? "" : ", skipped: \(skipped.joined(separator: ", "))"
        log.info("stopped: \(frames.captured) frames captured, \(frames.inferred) inferred\(tail)")
    }

    /// What the socket answers for the daemon.
    private static func handlers(
        _ model: ModelInUse, _ camera: CameraInfo, _ counters: FrameCounters, _ point: WorkingPoint,
        _ sensors: LastReadings, _ shadow: Shadow
    ) -> ServerHandlers {
        let started = MonotonicClock.now()
        let uptimeMs: @Sendable () -> UInt64 = { (MonotonicClock.now() - started) / 1_000_000 }
        return ServerHandlers(
            status: {
                Status(
                    version: Version.current, model: model.info, camera: camera, uptimeMs: uptimeMs(),
                    power: point.current, frames: counters.snapshot, sensors: sensors.values,
                    shadow: shadow.current)
            },
            metrics: { clients, camera in
                Metrics.text(
                    version: Version.current, model: model.info, frames: counters.snapshot, power: point.current,
                    clients: clients, uptimeMs: uptimeMs(), sensors: sensors.values, changes: point.changes,
                    stages: counters.stageSeconds, camera: camera, shadow: shadow.current)
            })
    }

    /// A file or folder that cannot be read is told before anything is started. A camera may be absent and come later.
    private static func checkSource(_ source: SourceSpecification) throws(Failure) {
        switch source {
        case .v4l2, .scene, .mjpeg(file: "-"), .y4m(file: "-"): return
        case .images, .mjpeg, .y4m: break
        }
        do throws(CaptureError) {
            _ = try source.open(interruption: try Interruption())
        } catch {
            throw Failure(error)
        }
    }

    /// The socket of the service manager, or nil for one of our own.
    private static func activatedSocket(_ environment: [String: String], _ id: Int32, log: Logger) -> ActivatedSocket? {
        let socket = ActivatedSocket(environment: environment, processID: id)
        if socket == nil, ActivatedSocket.isOffered(environment: environment, processID: id) {
            log.warning("what the service manager handed over is no listening Unix socket; binding our own path")
        }
        return socket
    }

    private static func runUntilSignal(
        _ service: PipelineService, _ reloads: ReloadService, isInTerminal: Bool
    ) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: reloads, successTerminationBehavior: .ignore,
                        failureTerminationBehavior: .cancelGroup),
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint] + (isInTerminal ? [.sighup] : []),
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}
