import ArgumentParser
import Daemon
import LinuxIO

#if canImport(Glibc)
import Glibc
#endif

struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Looks for what is wrong on this machine; each problem comes with the command that mends it.",
        discussion: """
            Changes nothing. Ends with 1 when there is a problem.
            Example: tarsier doctor
            """)

    @OptionGroup var file: ConfigurationOption

    @Flag(help: "One JSON object a finding.")
    var json = false

    func run() throws {
        let doctor = Doctor(
            DoctorCommand.machine(), ConfigurationLoader.load(file.config),
            configurationPath: file.config ?? ConfigurationLoader.defaultPath)
        let findings = doctor.examine()
        for finding in findings {
            if json { try Terminal.json(finding) } else { print(finding) }
        }
        if findings.contains(where: { $0.verdict == .problem }) { throw ExitCode(Failure.Code.other.rawValue) }
    }

    private func print(_ finding: Finding) {
        let mark =
            switch finding.verdict {
            case .fine: "ok"
            case .note: "note"
            case .problem: "WRONG"
            }
        Terminal.line("\(mark.padded(7))\(finding.topic.padded(15))\(finding.text)")
        if let command = finding.command { Terminal.line(String(repeating: " ", count: 22) + "$ \(command)") }
    }

    private static func machine() -> Doctor.Machine {
        let environment = Environment.all
        let count = max(0, getgroups(0, nil))
        var groups = [gid_t](repeating: 0, count: Int(count))
        let found = max(0, unsafe getgroups(count, &groups))
        return Doctor.Machine(
            user: environment["USER"] ?? "$USER", isRoot: geteuid() == 0,
            groups: Set(groups.prefix(Int(found)) + [getegid()]),
            output: { command in
                (try? ChildProcess.output(shell: command, environment: environment)) ?? ""
            })
    }
}
