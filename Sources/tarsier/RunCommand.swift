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
        let (file, flags, frames) = (file.config, flags.values, frames)
        let read: @Sendable () throws(Failure) -> RunConfiguration = { () throws(Failure) in
            try ConfigurationLoader.load(file, flags: flags).checked().ending(after: frames)
        }
        let configuration = try read()
        let log = Logger(label: "tarsier") { StderrLogHandler(label: $0, configuration.log) }
        try await DaemonService.run(configuration, log: log, rereading: read)
    }
}
