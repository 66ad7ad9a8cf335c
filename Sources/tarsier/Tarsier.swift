import ArgumentParser
import Daemon
import Dispatch
import Kernels
import LinuxIO
import Logging

#if canImport(Glibc)
import Glibc
#endif

/// The one program. Results go to stdout, talk to stderr; every failure is one line and a documented exit code.
struct Tarsier: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tarsier",
        abstract: "Looks through a camera and says what it sees: int8 on the CPU, results on a Unix socket.",
        discussion: """
            Try it without a camera:
              tarsier run --source scene: --socket /tmp/tarsier.sock &
              tarsier subscribe --socket /tmp/tarsier.sock --count 20
            """,
        version: "tarsier \(Version.current), kernels: \(CPUFeatures.detected.highestStep)",
        subcommands: [
            RunCommand.self, SubscribeCommand.self, ClassifyCommand.self, QuantizeCommand.self, EvaluateCommand.self,
            BenchCommand.self, ImportCommand.self, NetworksCommand.self, InspectCommand.self, StatusCommand.self,
            MetricsCommand.self,
            SetCommand.self, DoctorCommand.self, ConfigCommand.self, RecordCommand.self, ReplayCommand.self,
            TuneCommand.self, TeachCommand.self, CollectCommand.self, ModelCommand.self, WatchCommand.self,
        ])
}

@main
enum Main {
    static func main() {
        // A file that may not grow is told like a full disk.
        signal(SIGXFSZ, SIG_IGN)
        // The first asynchronous step starts a thread; where there are no addresses for its stack, libdispatch waits for some for ever.
        if let shortage = AddressSpace.shortage {
            Terminal.note("\(StderrLogHandler.prefix(.error))tarsier: \(shortage)")
            exit(Failure.Code.unavailable.rawValue)
        }
        Task {
            await run()
            exit(0)
        }
        dispatchMain()
    }

    private static func run() async {
        do {
            var command = try Tarsier.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            Terminal.note("\(StderrLogHandler.prefix(.error))tarsier: \(failure.message)")
            exit(failure.code.rawValue)
        } catch {
            let code = Tarsier.exitCode(for: error)
            if code.isSuccess { Tarsier.exit(withError: error) }
            let message = Tarsier.fullMessage(for: error)
            if !message.isEmpty { Terminal.talk(message) }
            exit(code.rawValue)
        }
    }
}
