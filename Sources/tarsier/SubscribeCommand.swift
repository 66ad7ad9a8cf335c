import ArgumentParser
import Daemon
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
            """)

    @Option(help: "The daemon's socket.")
    var socket = TarsierClient.defaultPath

    @Flag(exclusivity: .exclusive, help: "Every result, or only when the label changes.")
    var mode = ResultMode.changes

    @Option(help: "Only this label; may be given again.")
    var label: [String] = []

    @Option(help: "Only results with at least this score, 0 to 1.")
    var minScore: Double?

    @Option(help: "At most so many results a second.")
    var maxRate: Double?

    @Option(help: "Candidates a result carries.")
    var top: Int?

    @Option(help: "Stop after so many results.")
    var count: Int?

    @Flag(help: "The daemon's own lines: one JSON object each.")
    var json = false

    enum ResultMode: EnumerableFlag {
        case changes
        case every
    }

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        if let minScore, !(0...1).contains(minScore) { throw ValidationError("--min-score is between 0 and 1") }
        if let maxRate, !(maxRate > 0 && maxRate <= 1000) {
            throw ValidationError("--max-rate is above 0 and at most 1000")
        }
        if let top, !(0...1000).contains(top) { throw ValidationError("--top is between 0 and 1000") }
    }

    func run() async throws {
        let subscription = Subscription(
            labels: label.isEmpty ? nil : Set(label), minScore: minScore, mode: mode == .every ? .every : .change,
            maxRate: maxRate, topK: top)
        var results = 0
        do {
            for try await event in TarsierClient(path: socket).events(subscription: subscription) {
                show(event)
                if case .result = event { results += 1 }
                if results == count { return }
            }
        } catch let error as TarsierError {
            throw Failure(error.code == .permissionDenied ? .permission : .unavailable, error.description)
        }
    }

    private func show(_ event: TarsierEvent) {
        switch event {
        case .disconnected(let error, let delay):
            let seconds = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
            Terminal.note("tarsier: \(error); trying again in \(seconds.text(2)) s")
        case .connected(let hello) where !json:
            Terminal.note(
                "connected: \(hello.model.name), \(hello.model.labels) labels, camera \(hello.camera.id) \(hello.camera.state.rawValue)"
            )
        default:
            guard let line = json ? event.jsonLine : event.summary else { return }
            Terminal.line(line)
        }
    }
}

extension TarsierEvent {
    /// One line for people; nil for what is not shown.
    fileprivate var summary: String? {
        switch self {
        case .result(let result):
            let others = result.top.dropFirst().prefix(2).map { "\($0.label) \(($0.score * 100).text(0)) %" }
            let clock = result.timestamp.description.dropFirst(11).dropLast(1)
            return "\(clock)  \(result.label.padded(12)) \((result.score * 100).text(0).padded(3, right: true)) %"
                + "\(result.stable ? "  stable" : "        ")  \(result.times.infer.text(2)) ms"
                + (others.isEmpty ? "" : "   then " + others.joined(separator: ", "))
        case .power(let power): return "power: \(power.threads) threads, \(power.cause)"
        case .camera(let camera): return "camera: \(camera.state.rawValue), \(camera.cause)"
        case .gap(let gap): return "gap: \(gap.dropped) results were left out, this reader is too slow"
        case .connected, .disconnected: return nil
        }
    }

    /// The daemon's own line, without its newline; nil for what is not a message.
    fileprivate var jsonLine: String? {
        let message: ServerMessage
        switch self {
        case .connected(let hello): message = .hello(hello)
        case .result(let result): message = .result(result)
        case .power(let power): message = .power(power)
        case .camera(let camera): message = .camera(camera)
        case .gap(let gap): message = .gap(gap)
        case .disconnected: return nil
        }
        return String(decoding: message.encodeLine().dropLast(), as: UTF8.self)
    }
}
