import ArgumentParser
import Daemon
import Logging
import TarsierClient

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Serves a recording on a socket as if the daemon ran: to build clients without a camera.",
        discussion: """
            Example:
              tarsier replay day.ndjson --socket /tmp/tarsier.sock --speed 10 --loop
            """)

    @Argument(help: "What `tarsier record` or `tarsier subscribe --json` wrote.")
    var file: String

    @Option(help: "Where to listen.")
    var socket = TarsierClient.defaultPath

    @Option(help: "Times as fast as it was.")
    var speed = 1.0

    @Flag(help: "Begin again at the end.")
    var loop = false

    @Flag(help: "Do not begin before a client sends a subscription.")
    var wait = false

    func validate() throws {
        guard (0.001...1_000_000).contains(speed) else { throw ValidationError("--speed is between 0.001 and 1000000") }
    }

    func run() async throws {
        let recording = try Recording(readingFrom: file)
        try await ReplayService.run(
            recording, socket: socket, speed: speed, isEndless: loop, waitsForSubscriber: wait,
            log: Logger(label: "tarsier") { StderrLogHandler(label: $0) })
    }
}
