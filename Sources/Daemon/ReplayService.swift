internal import Capture
internal import LinuxIO
package import Logging
internal import Publishing
internal import ServiceLifecycle
internal import UnixSignals
internal import Wire

/// `tarsier replay`: a recording on a socket, by the server that the daemon uses.
package enum ReplayService {
    /// Runs to the end of the recording, or until SIGTERM or SIGINT.
    /// - Parameters:
    ///   - speed: times as fast as it was; above 0.
    ///   - waitsForSubscriber: whether the first message waits for a client that sends a subscription.
    /// - Throws: `Failure` with the exit code.
    package static func run(
        _ recording: Recording, socket: String, speed: Double, isEndless: Bool, waitsForSubscriber: Bool, log: Logger
    ) async throws {
        let hello = recording.hello
        let arrivals = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let server = ResultServer(
            configuration: ServerConfiguration(path: socket),
            identity: ServerIdentity(version: hello.version, model: hello.model, labels: [], camera: hello.camera),
            handlers: ServerHandlers(subscribed: { arrivals.continuation.yield() }))
        let player = Player(
            recording: recording, server: server, speed: speed, isEndless: isEndless,
            arrivals: waitsForSubscriber ? arrivals.stream : nil, log: log)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    ServiceGroupConfiguration.ServiceConfiguration(
                        service: player, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup)
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }))
        try await group.run()
    }
}

private struct Player: Service {
    let recording: Recording
    let server: ResultServer
    let speed: Double
    let isEndless: Bool
    let arrivals: AsyncStream<Void>?
    let log: Logger

    func run() async throws {
        do throws(PublishingError) { try server.start() } catch { throw Failure(error) }
        defer { server.shutdown() }
        log.info("replaying \(recording.path) on \(server.path)")
        do {
            try await cancelWhenGracefulShutdown {
                if let arrivals { for await _ in arrivals { break } }
                var seq: UInt64 = 0
                repeat { seq = try await play(from: seq) } while isEndless
            }
        } catch is CancellationError {
            // Asked to end.
        }
    }

    /// Plays once. Results are numbered anew: a client sees them rise, over restarts in the recording and over its end.
    /// - Returns: the last number.
    private func play(from first: UInt64) async throws -> UInt64 {
        var seq = first
        let start = ContinuousClock.now
        for entry in recording.entries {
            let due = start + .nanoseconds(Int64(Double(entry.atNs) / speed))
            if due > .now { try await Task.sleep(until: due) }
            try Task.checkCancellation()
            switch entry.message {
            case .result(var result):
                seq += 1
                result.seq = seq
                server.publish(result)
            case .power(let event): server.publish(.power(event))
            case .camera(let event): server.publish(.camera(event))
            case .presence(let event): server.publish(.presence(event))
            case .model(let event): server.publish(.model(event))
            case .hello, .gap, .reply, .unknown: break
            }
        }
        // A recording without any pause must not become a busy loop.
        if let last = recording.entries.last, last.atNs == 0 { try await Task.sleep(for: .milliseconds(100)) }
        return seq
    }
}
