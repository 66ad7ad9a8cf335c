import ArgumentParser

/// Holds the socket under load and says what came of it. Each command ends with status 1 when a promise was broken.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tarsier-load",
        abstract: "Holds a daemon's socket under load: many subscribers, hostile clients, kill -9, wrong bytes.",
        subcommands: [FanOutCommand.self, KillCommand.self, FuzzCommand.self, SoakCommand.self, WriteKillCommand.self])
}

/// A promise that was broken, or a load that could not be made; one line.
struct LoadError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

struct DaemonOptions: ParsableArguments {
    @Option(help: "The program under load.")
    var program = ".build/release/tarsier"

    @Option(help: "Its model.")
    var model = "models/sm_v2.int8.safetensors"
}
