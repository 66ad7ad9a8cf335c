internal import LinuxIO
internal import Logging
internal import Publishing
internal import ServiceLifecycle
internal import UnixSignals

/// Socket and pipeline in the terms of the lifecycle library: one method that runs, and a way to be asked to end. The socket
/// is opened here, when signals are already taken care of, so that none can end the process and leave the file behind.
struct PipelineService: Service {
    let pipeline: Pipeline
    let governor: GovernorLoop
    let server: ResultServer
    let notifier: ServiceNotifier
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
            notifier.stopping()
            pipeline.stop()
        }
    }
}

/// SIGHUP, each on a thread of its own: on a board with one core the end must not wait behind a reload.
struct ReloadService: Service {
    /// Trapped since before the model was loaded: an early signal must not end the daemon.
    let signals: UnixSignalsSequence
    let reload: @Sendable () -> Void

    func run() async throws {
        for await _ in signals.cancelOnGracefulShutdown() {
            await withCheckedContinuation { continuation in
                do throws(SystemError) {
                    _ = try NamedThread(name: "tarsier-reload") {
                        reload()
                        continuation.resume()
                    }
                } catch {
                    // No more threads: then here.
                    reload()
                    continuation.resume()
                }
            }
        }
    }
}
