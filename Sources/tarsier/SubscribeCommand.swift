import ArgumentParser
import Daemon
import LinuxIO
import TarsierClient
import Wire

struct SubscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe",
        abstract: "Prints results as they come; reconnects when the daemon goes away.",
        discussion: """
            Examples:
              tarsier subscribe --label cat --label dog --min-score 0.6
              tarsier subscribe --every --max-rate 2 --json | jq -r .label
              tarsier subscribe --event presence --label cat --exec 'logger "cat: $TARSIER_TYPE"'

            --exec runs a command for each event, one after another, with the event as one line of JSON on its
            standard input and in TARSIER_TYPE, TARSIER_LABEL, TARSIER_SCORE, TARSIER_STABLE, TARSIER_SEQ, TARSIER_TS,
            TARSIER_STATE, TARSIER_CAUSE, TARSIER_THREADS, TARSIER_RATE, TARSIER_DURATION_MS, as far as it has them.
            While a command runs, results that are not changes any more are left out.
            """)

    @OptionGroup var place: SocketOption
    @OptionGroup var options: SubscriptionOptions

    @Option(help: "Stop after so many results, or events where no results are asked for.")
    var count: Int?

    @Option(name: .customLong("exec"), help: "Run this shell command for each event instead of printing it.")
    var hook: String?

    @Flag(help: "The daemon's own lines: one JSON object each.")
    var json = false

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() async throws {
        let subscription = options.subscription
        let countsResults = subscription.events.contains(.result)
        var counted = 0
        do {
            for try await event in place.client.events(subscription: subscription) {
                try handle(event)
                if event.counts(asResult: countsResults) { counted += 1 }
                if counted == count { return }
            }
        } catch let error as TarsierError {
            throw Failure(error)
        }
    }

    private func handle(_ event: TarsierEvent) throws {
        if case .disconnected(let error, let delay) = event {
            let seconds = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
            Terminal.note("tarsier: \(error); trying again in \(seconds.text(2)) s")
        }
        if let hook { return try run(hook, for: event) }
        switch event {
        case .connected(let hello) where !json:
            Terminal.note(
                "connected: \(hello.model.name), \(hello.model.labels) labels, camera \(hello.camera.id) "
                    + hello.camera.state.rawValue)
        default:
            guard let line = json ? event.message?.text : event.summary else { return }
            // An event is a line.
            Terminal.line(line)
        }
    }

    /// A hook that fails is told of and does not end the subscription.
    private func run(_ hook: String, for event: TarsierEvent) throws {
        guard let message = event.message else { return }
        let environment = Environment.all.merging(event.environment) { _, new in new }
        do throws(SystemError) {
            let status = try ChildProcess.run(shell: hook, environment: environment, input: message.encodeLine())
            if status != 0 { Terminal.note("tarsier: the command of --exec ended with status \(status)") }
        } catch {
            throw Failure(.unavailable, "cannot run the command of --exec: \(error)")
        }
    }
}

extension TarsierEvent {
    fileprivate func counts(asResult: Bool) -> Bool {
        switch self {
        case .result: asResult
        case .power, .camera, .presence, .model: !asResult
        case .connected, .disconnected, .gap: false
        }
    }
}
