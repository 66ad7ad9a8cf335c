internal import Glibc
internal import LinuxIO

extension Doctor {
    /// Whether somebody answers at the socket and lets us in.
    func socket() -> [Finding] {
        let path = configuration.run.socket
        do throws(SystemError) {
            _ = try UnixSocket.connect(to: machine.root + path)
            return [.fine("socket", "\(path) answers")]
        } catch {
            switch error.errno {
            case EACCES, EPERM:
                return [
                    .problem(
                        "socket", "\(path): you are not in the group that may listen",
                        command: "sudo usermod -aG tarsier \(machine.user)    # then log in again")
                ]
            case ENOENT, ECONNREFUSED:
                return [.problem("socket", "\(path): nobody listens", command: "sudo systemctl start tarsier")]
            default:
                return [.problem("socket", "\(path): \(error.reason)", command: "sudo systemctl restart tarsier")]
            }
        }
    }

    /// What the service manager thinks of the service.
    func unit() -> [Finding] {
        guard (try? FileStatus(of: machine.root + "/run/systemd/system")) != nil else {
            return [.note("service", "no systemd here; the daemon runs by hand", command: "tarsier run")]
        }
        let names = "LoadState,ActiveState,SubState,Result,ExecMainStatus,NRestarts,UnitFileState,StatusText"
        let values = Doctor.properties(machine.output("systemctl show tarsier.service -p \(names)"))
        func value(_ name: String) -> String { values[name] ?? "" }
        if value("LoadState") != "loaded" {
            return [
                .problem("service", "tarsier.service is not installed", command: "sudo apt-get install ./tarsier_*.deb")
            ]
        }
        var findings: [Finding] = []
        switch value("ActiveState") {
        case "active", "reloading":
            let restarts = value("NRestarts") == "0" ? "" : ", restarted \(value("NRestarts")) times"
            findings.append(.fine("service", "\(value("SubState")): \(value("StatusText"))\(restarts)"))
            if value("NRestarts") != "0" {
                findings.append(
                    .note("service", "it has crashed before", command: "journalctl -u tarsier -p warning -n 20"))
            }
        case "failed" where value("ExecMainStatus") == "78":
            findings.append(
                .problem(
                    "service", "stopped by a mistake in its configuration",
                    command: "tarsier config check; sudo systemctl reset-failed tarsier.service tarsier.socket; "
                        + "sudo systemctl restart tarsier"))
        case "failed":
            findings.append(
                .problem(
                    "service", "failed (\(value("Result")), status \(value("ExecMainStatus")))",
                    command: "journalctl -u tarsier -n 20; sudo systemctl restart tarsier"))
        default:
            findings.append(
                .problem("service", "not started (\(value("ActiveState")))", command: "sudo systemctl start tarsier"))
        }
        if value("UnitFileState") == "disabled" {
            findings.append(
                .note("service", "not started with the machine", command: "sudo systemctl enable tarsier"))
        }
        return findings
    }

    /// `NAME=VALUE` lines.
    static func properties(_ text: String) -> [String: String] {
        text.split(separator: "\n").reduce(into: [:]) { values, line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
        }
    }
}
