import ArgumentParser
import Capture
import Daemon
import Kernels
import Logging
import TarsierClient

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "The daemon, in the foreground: frames in, results out on the socket. SIGTERM ends it.",
        discussion: """
            Examples:
              tarsier run --source v4l2:/dev/video0
              tarsier run --source images:photos/ --rate max --socket /tmp/tarsier.sock
            """)

    @Option(
        help: "v4l2:/dev/video0, v4l2:auto, v4l2:usb=VID:PID[:SERIAL], images:DIR, mjpeg:FILE|-, y4m:FILE|- or scene:.")
    var source = "v4l2:auto"

    @Option(help: "Model file; the default model when left out.")
    var model: String?

    @Option(help: "Where to listen.")
    var socket = TarsierClient.defaultPath

    @Option(help: "Threads of one inference: auto, or a number.")
    var threads = ThreadsArgument.automatic

    @Option(help: "Most inferences a second, or max.")
    var rate = RateArgument.limited(RunConfiguration.defaultRate)

    @Option(help: "End after so many inferences.")
    var frames: Int?

    @Option(help: "Clients that may be connected at the same time.")
    var maxClients = 64

    @OptionGroup(title: "Power") var power: PowerOptions

    @OptionGroup var smoothing: SmoothingOptions

    @OptionGroup var kernels: KernelOptions

    func validate() throws {
        guard (1...4096).contains(maxClients) else { throw ValidationError("--max-clients is between 1 and 4096") }
        if let frames, frames < 1 { throw ValidationError("--frames is at least 1") }
    }

    func run() async throws {
        let specification: SourceSpecification
        do throws(CaptureError) { specification = try SourceSpecification(parsing: source) } catch {
            throw Failure(error)
        }
        let configuration = RunConfiguration(
            source: specification, model: model, socket: socket, threads: threads.value, rate: rate.value,
            frames: frames, features: try kernels.features(), smoothing: smoothing.request, maxClients: maxClients,
            limits: power.limits, deadlineMs: power.deadlineMs, idle: power.idle, tuning: power.tuning)
        try await DaemonService.run(
            configuration, log: Logger(label: "tarsier") { StderrLogHandler(label: $0) })
    }
}

/// `--threads auto|N`.
enum ThreadsArgument: ExpressibleByArgument {
    case automatic
    case fixed(Int)

    init?(argument: String) {
        if argument == "auto" {
            self = .automatic
        } else if let count = Int(argument), (1...64).contains(count) {
            self = .fixed(count)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "auto" }

    var value: RunConfiguration.Threads {
        switch self {
        case .automatic: .automatic
        case .fixed(let count): .fixed(count)
        }
    }
}

/// `--rate FPS|max`.
enum RateArgument: ExpressibleByArgument {
    case limited(Double)
    case unlimited

    init?(argument: String) {
        if argument == "max" {
            self = .unlimited
        } else if let rate = Double(argument), rate > 0, rate <= 1000 {
            self = .limited(rate)
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { "10" }

    /// nil is as many as possible.
    var value: Double? {
        if case .limited(let rate) = self { rate } else { nil }
    }
}
