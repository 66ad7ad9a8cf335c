import ArgumentParser
import Daemon

/// How single frames become a label that holds; `docs/smoothing.md` explains the choice.
struct SmoothingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "none, exponential:MS (time constant) or majority:N (frames).",
            discussion: "Left out: exponential:150 for streams, none for images:."))
    var smooth: SmoothingArgument?

    @Option(help: "A label takes over at this score, 0 to 1; the model's threshold when left out.")
    var enter: Double?

    @Option(help: "A label goes below this score; 80 % of --enter when left out.")
    var leave: Double?

    @Option(help: "Results in a row that must agree before a label is stable.")
    var stable = SmoothingConfiguration.defaultStableAfter

    func validate() throws {
        if let enter, !(0...1).contains(enter) { throw ValidationError("--enter is between 0 and 1") }
        if let leave, !(0...1).contains(leave) { throw ValidationError("--leave is between 0 and 1") }
        if let enter, let leave, leave > enter { throw ValidationError("--leave is at most --enter") }
        guard (1...1000).contains(stable) else { throw ValidationError("--stable is between 1 and 1000") }
    }

    var request: SmoothingRequest {
        SmoothingRequest(method: smooth?.method, enter: enter, leave: leave, stableAfter: stable)
    }
}

/// `--smooth none|exponential:MS|majority:N`.
struct SmoothingArgument: ExpressibleByArgument {
    let method: SmoothingConfiguration.Method

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count == 2 ? parts[1] : nil) {
        case ("none", nil): method = .none
        case ("exponential", nil):
            method = .exponential(timeConstantMs: SmoothingConfiguration.defaultTimeConstantMs)
        case ("exponential", let text?):
            guard let time = Double(text), time >= 0, time <= 3_600_000 else { return nil }
            method = .exponential(timeConstantMs: time)
        case ("majority", let text?):
            guard let window = Int(text), (1...10_000).contains(window) else { return nil }
            method = .majority(window: window)
        default: return nil
        }
    }
}
