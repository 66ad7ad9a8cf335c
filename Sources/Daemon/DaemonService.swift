internal import Capture
internal import Engine
internal import Graphs
internal import Kernels
internal import LinuxIO
package import Logging
internal import Planning
internal import Power
internal import Publishing
internal import ServiceLifecycle
internal import Tensors
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
    /// The most threads an inference is ever given: a board has four cores, and the network does not scale beyond.
    static let threadLimit = 4

    /// The most threads an inference is given here: CPUs of the fastest kind, since it waits for its slowest thread.
    package static var automaticThreads: Int {
        min(threadLimit, CoreTypes(allowed: AllowedCPUs.list()).fastest.count)
    }

    /// Runs until the work is done or SIGTERM or SIGINT asks for the end; stops within a second then.
    /// - Throws: `Failure` with the exit code.
    package static func run(_ configuration: RunConfiguration, log: Logger) async throws {
        try checkSource(configuration.source)
        let loaded = try LoadedModel(configuration.model)
        let classifier = try makeClassifier(loaded, configuration)
        let graph = loaded.model.graph
        let model = ModelInfo(
            name: graph.network, sha256: loaded.sha256, labels: loaded.model.labels.count,
            input: [graph.input.height, graph.input.width, graph.input.channels])
        // The path alone outlives the start: the model holds the weights a second time.
        let (isa, path) = (classifier.session.plan.isa, loaded.path)
        let counters = FrameCounters()
        let started = MonotonicClock.now()

        var server = ServerConfiguration(path: configuration.socket)
        server.maxClients = configuration.maxClients
        server.activated = activatedSocket(log: log)
        let camera = CameraInfo(id: "\(configuration.source)", state: .starting)
        let power = PowerParts(configuration, classifier.session, modelSha256: loaded.sha256, log: log)
        let (point, sensors) = (power.point, LastReadings(power.readings))
        let (inferences, pace) = (InferenceLog(), CapturePace())
        let publisher = ResultServer(
            configuration: server,
            identity: ServerIdentity(
                version: Version.current, model: model, labels: loaded.model.labels, camera: camera))
        let governor = GovernorLoop(
            power, last: sensors, server: publisher, inferences: inferences, pace: pace,
            isAlwaysWanted: !configuration.restsWithoutSubscribers, log: log)
        publisher.setHandlers(
            ServerHandlers(
                status: {
                    Status(
                        version: Version.current, model: model, camera: camera,
                        uptimeMs: (MonotonicClock.now() - started) / 1_000_000, power: point.current,
                        frames: counters.snapshot, sensors: sensors.values)
                },
                metrics: { clients in
                    Metrics.text(
                        version: Version.current, model: model, frames: counters.snapshot, power: point.current,
                        clients: clients, uptimeMs: (MonotonicClock.now() - started) / 1_000_000,
                        sensors: sensors.values, changes: point.changes)
                },
                // Handlers are called by the server's own thread, which lives no longer than the server.
                set: { [weak governor] values in
                    if let error = point.set(values) { return error }
                    governor?.demandChanged()
                    return nil
                },
                subscribersChanged: { [weak governor] _ in
                    pace.wake()
                    governor?.wake()
                }))
        let pipeline = try Pipeline(
            configuration: configuration, classifier: classifier, point: point, server: publisher, counters: counters,
            inferences: inferences, pace: pace, log: log)
        // Before anybody can connect: every hello has a working point, and none published later by `set` is overtaken.
        let start = point.current
        publisher.publish(.power(start))
        let threads = start.threads == 1 ? "1 thread" : "\(start.threads) threads"
        let service = PipelineService(
            pipeline: pipeline, governor: governor, server: publisher,
            whenListening: {
                log.info("\(Version.current): \(path), kernels \(isa), \(threads) (\(start.cause))")
                log.info("results on \(configuration.socket)")
            })
        try await runUntilSignal(service)
        let frames = counters.snapshot
        let skipped = frames.skipped.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let tail = skipped.isEmpty ? "" : ", skipped: \(skipped.joined(separator: ", "))"
        log.info("stopped: \(frames.captured) frames captured, \(frames.inferred) inferred\(tail)")
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
    private static func activatedSocket(log: Logger) -> ActivatedSocket? {
        let process = ProcessInfo.processInfo
        let (environment, id) = (process.environment, process.processIdentifier)
        let socket = ActivatedSocket(environment: environment, processID: id)
        if socket == nil, ActivatedSocket.isOffered(environment: environment, processID: id) {
            log.warning("what the service manager handed over is no listening Unix socket; binding our own path")
        }
        return socket
    }

    private static func makeClassifier(
        _ loaded: LoadedModel, _ configuration: RunConfiguration
    ) throws(Failure) -> sending Classifier {
        let threads: Int
        switch configuration.threads {
        case .automatic: threads = automaticThreads
        case .fixed(let count): threads = count
        }
        return try Classifier(loaded.model, features: configuration.features, maxThreads: threads)
    }

    private static func runUntilSignal(_ service: PipelineService) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: service,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}

/// Socket and pipeline in the terms of the lifecycle library: one method that runs, and a way to be asked to end. The socket
/// is opened here, when signals are already taken care of, so that none can end the process and leave the file behind.
private struct PipelineService: Service {
    let pipeline: Pipeline
    let governor: GovernorLoop
    let server: ResultServer
    let whenListening: @Sendable () -> Void

    func run() async throws {
        do throws(PublishingError) { try server.start() } catch { throw Failure(error) }
        defer { server.shutdown() }
        whenListening()
        let looking: NamedThread
        do throws(SystemError) {
            looking = try NamedThread(name: "tarsier-power") { [governor] in governor.run() }
        } catch {
            throw Failure(error)
        }
        defer {
            governor.stop()
            looking.join()
        }
        try await withGracefulShutdownHandler {
            try await pipeline.run()
        } onGracefulShutdown: {
            pipeline.stop()
        }
    }
}
