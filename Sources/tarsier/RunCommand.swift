import ArgumentParser
import Daemon
import Logging

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The daemon, in the foreground: frames in, results out on the socket. SIGTERM ends it.",
        discussion: """
            Examples:
              tarsier run --source v4l2:/dev/video0
              tarsier run --source images:photos/ --rate max --socket /tmp/tarsier.sock
            """)

    @OptionGroup var file: ConfigurationOption

    @Option(help: "End after so many inferences.")
    var frames: Int?

    @OptionGroup(title: "Settings, also in the configuration file and as TARSIER_NAME")
    var flags: SettingFlags

    func validate() throws {
        if let frames, frames < 1 { throw ValidationError("--frames is at least 1") }
    }

    func run() async throws {
        let configuration = ConfigurationLoader.load(file.config, flags: flags.values)
        try await DaemonService.run(
            configuration.checked().ending(after: frames), log: Logger(label: "tarsier") { StderrLogHandler(label: $0) }
        )
    }
}
