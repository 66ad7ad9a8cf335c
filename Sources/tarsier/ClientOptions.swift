import ArgumentParser
import Daemon
import TarsierClient

/// Where the daemon is.
struct SocketOption: ParsableArguments {
    @Option(help: "The daemon's socket.")
    var socket = TarsierClient.defaultPath

    var client: TarsierClient { TarsierClient(path: socket) }
}

/// What is asked of the daemon; the same for all commands that listen.
struct SubscriptionOptions: ParsableArguments {
    enum ResultMode: EnumerableFlag {
        case changes
        case every
    }

    @Flag(exclusivity: .exclusive, help: "Every result, or only when the label changes.")
    var mode = ResultMode.changes

    @Option(help: "Only this kind: result, power, camera, presence or model; may be given again.")
    var event: [EventArgument] = []

    @Option(help: "Only this label; may be given again.")
    var label: [String] = []

    @Option(help: "Only results with at least this score, 0 to 1.")
    var minScore: Double?

    @Option(help: "At most so many results a second.")
    var maxRate: Double?

    @Option(help: "Candidates a result carries.")
    var top: Int?

    func validate() throws {
        if let minScore, !(0...1).contains(minScore) { throw ValidationError("--min-score is between 0 and 1") }
        if let maxRate, !(maxRate > 0 && maxRate <= 1000) {
            throw ValidationError("--max-rate is above 0 and at most 1000")
        }
        if let top, !(0...1000).contains(top) { throw ValidationError("--top is between 0 and 1000") }
    }

    var subscription: Subscription {
        Subscription(
            events: event.isEmpty ? .all : event.reduce(into: []) { $0.formUnion($1.events) },
            labels: label.isEmpty ? nil : Set(label), minScore: minScore, mode: mode == .every ? .every : .change,
            maxRate: maxRate, topK: top)
    }
}

/// `--event KIND`.
struct EventArgument: ExpressibleByArgument {
    let events: Subscription.Events

    init?(argument: String) {
        switch argument {
        case "result": events = .result
        case "power": events = .power
        case "camera": events = .camera
        case "presence": events = .presence
        case "model": events = .model
        default: return nil
        }
    }
}

extension Failure {
    /// What went wrong with the daemon, as an exit code.
    init(_ error: TarsierError) {
        let code: Code =
            switch error.code {
            case .permissionDenied: .permission
            case .badPath: .usage
            case .rejected:
                error.reply?.code == .forbidden
                    ? .permission : error.reply?.code == .badRequest ? .usage : .unavailable
            case .notRunning, .busy, .disconnected, .protocolError, .timedOut: .unavailable
            }
        self.init(code, error.description)
    }
}
