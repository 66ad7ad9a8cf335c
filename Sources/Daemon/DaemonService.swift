internal import Capture
internal import Engine
internal import Graphs
internal import Kernels
internal import LinuxIO
package import Logging
internal import Planning
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

    /// Runs until the work is done or SIGTERM or SIGINT asks for the end; stops within a second then.
    /// - Throws: `Failure` with the exit code.
    package static func run(_ configuration: RunConfiguration, log: Logger) async throws {
        let loaded = try LoadedModel(configuration.model)
        let classifier = try makeClassifier(loaded, configuration)
        let budget = budget(classifier.session, configuration)
        let graph = loaded.model.graph
        let model = ModelInfo(
            name: graph.network, sha256: loaded.sha256, labels: loaded.model.labels.count,
            input: [graph.input.height, graph.input.width, graph.input.channels])
        let isa = classifier.session.plan.isa
        let counters = FrameCounters()
        let started = MonotonicClock.now()
        let power = PowerEvent(threads: budget.threads, rate: configuration.rate, cause: budget.cause)

        var server = ServerConfiguration(path: configuration.socket)
        server.activated = ActivatedSocket(
            environment: ProcessInfo.processInfo.environment, processID: ProcessInfo.processInfo.processIdentifier)
        let camera = CameraInfo(id: "\(configuration.source)", state: .starting)
        let publisher = ResultServer(
            configuration: server,
            identity: ServerIdentity(
                version: Version.current, model: model, labels: loaded.model.labels, camera: camera),
            handlers: ServerHandlers(
                status: {
                    Status(
                        version: Version.current, model: model, camera: camera,
                        uptimeMs: (MonotonicClock.now() - started) / 1_000_000, power: power, frames: counters.snapshot)
                },
                metrics: { Metrics.text(frames: counters.snapshot, threads: budget.threads) }))
        let pipeline = try Pipeline(
            configuration: configuration, classifier: classifier, budget: budget, server: publisher, counters: counters,
            log: log)
        do throws(PublishingError) { try publisher.start() } catch { throw Failure(error) }
        defer { publisher.shutdown() }
        let threads = budget.threads == 1 ? "1 thread" : "\(budget.threads) threads"
        log.info("\(Version.current): \(loaded.path), kernels \(isa), \(threads) (\(budget.cause))")
        log.info("results on \(configuration.socket)")
        publisher.publish(.power(power))
        try await runUntilSignal(pipeline, log: log)
        let frames = counters.snapshot
        let skipped = frames.skipped.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        let tail = skipped.isEmpty ? "" : ", skipped: \(skipped.joined(separator: ", "))"
        log.info("stopped: \(frames.captured) frames captured, \(frames.inferred) inferred\(tail)")
    }

    private static func makeClassifier(
        _ loaded: LoadedModel, _ configuration: RunConfiguration
    ) throws(Failure) -> sending Classifier {
        let threads: Int
        switch configuration.threads {
        case .automatic: threads = min(threadLimit, AllowedCPUs.count)
        case .fixed(let count): threads = count
        }
        return try Classifier(loaded.model, features: configuration.features, maxThreads: threads)
    }

    private static func budget(_ session: Session, _ configuration: RunConfiguration) -> ThreadBudget {
        switch configuration.threads {
        case .automatic: ThreadBudget.measured(session, rate: configuration.rate)
        case .fixed(let count): ThreadBudget(threads: count, cause: "fixed by --threads")
        }
    }

    private static func runUntilSignal(_ pipeline: Pipeline, log: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: PipelineService(pipeline: pipeline),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}

/// The pipeline in the terms of the lifecycle library: one method that runs, and a way to be asked to end.
private struct PipelineService: Service {
    let pipeline: Pipeline

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await pipeline.run()
        } onGracefulShutdown: {
            pipeline.stop()
        }
    }
}
