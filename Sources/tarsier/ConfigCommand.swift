import ArgumentParser
import Daemon

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Looks at the daemon's configuration: checks it, shows it, prints an example.",
        discussion: "Example: tarsier config check",
        subcommands: [ConfigCheck.self, ConfigShow.self, ConfigExample.self])
}

struct ConfigCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Names everything that is wrong, one a line; 78 when there is something.",
        discussion: "Example: tarsier config check --config new.conf && sudo cp new.conf /etc/tarsier/tarsier.conf")

    @OptionGroup var file: ConfigurationOption

    func run() throws {
        let configuration = ConfigurationLoader.load(file.config)
        for (variable, meant) in Configuration.suspicious(Environment.all) {
            Terminal.note("\(variable): no setting, so it does nothing; did you mean \(meant)?")
        }
        for problem in configuration.problems { Terminal.note("\(problem)") }
        guard configuration.problems.isEmpty else { throw ExitCode(Failure.Code.configuration.rawValue) }
    }
}

struct ConfigShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Every setting with its value and where that comes from.",
        discussion: "Example: tarsier config show --json | jq .rate")

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let configuration = ConfigurationLoader.load(file.config)
        _ = try configuration.checked()
        if json {
            let values = Setting.all.map { ($0.name, Shown(configuration, $0)) }
            // Keys as they are written in a file, not in the house style of other output.
            return try Terminal.json(Dictionary(uniqueKeysWithValues: values))
        }
        let lines = Setting.all.map { setting in
            let shown = Shown(configuration, setting)
            return ("\(setting.name) = \(shown.value)", shown.origin)
        }
        let width = lines.map(\.0.count).max() ?? 0
        for (line, origin) in lines { Terminal.line("\(line.padded(width + 2))# \(origin)") }
    }

    private struct Shown: Encodable {
        let value: String
        let origin: String
        /// Whether a reload takes a change over.
        let reload: Bool

        init(_ configuration: Configuration, _ setting: Setting) {
            value = configuration.text(of: setting)
            reload = setting.isReloadable
            origin = "\(configuration.given[setting.name]?.origin ?? .standard)"
        }
    }
}

struct ConfigExample: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Prints a file with every setting, explained and commented out.",
        discussion: "Example: tarsier config example | sudo tee /etc/tarsier/tarsier.conf")

    func run() { Terminal.text(ConfigurationExample.text) }
}
