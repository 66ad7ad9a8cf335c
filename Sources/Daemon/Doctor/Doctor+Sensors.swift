internal import LinuxIO

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Doctor {
    /// Heat, voltage, throttling and quota: what makes a board slower than it should be.
    func sensors() -> [Finding] { voltage() + temperature() + frequency() + quota() }

    /// The Raspberry Pi's alarm for a supply that cannot keep its voltage.
    private func voltage() -> [Finding] {
        for monitor in names("/sys/class/hwmon") where line("/sys/class/hwmon/\(monitor)/name") == "rpi_volt" {
            guard let alarm = number("/sys/class/hwmon/\(monitor)/in0_lcrit_alarm") else { continue }
            return [
                alarm == 0
                    ? .fine("supply", "voltage ok")
                    : .problem(
                        "supply", "under-voltage: the CPU is slowed down; use a stronger supply and a shorter cable",
                        command: "sudo dmesg | grep -i voltage")
            ]
        }
        return []
    }

    private func temperature() -> [Finding] {
        let zones = names("/sys/class/thermal").filter { $0.hasPrefix("thermal_zone") }
        guard let hottest = zones.compactMap({ number("/sys/class/thermal/\($0)/temp") }).max() else { return [] }
        let celsius = hottest / 1000
        // Boards throttle at 80 to 85.
        guard celsius >= 80 else { return [.fine("temperature", "\(celsius) C")] }
        return [
            .problem(
                "temperature", "\(celsius) C: the CPU throttles at 80 to 85; give it air, or ask less of it",
                command: "sudo tarsier set rate=2")
        ]
    }

    /// A limit below what the CPU can do, set by firmware, heat or an administrator.
    private func frequency() -> [Finding] {
        let policies = names("/sys/devices/system/cpu/cpufreq").filter { $0.hasPrefix("policy") }
        return policies.compactMap { policy in
            let folder = "/sys/devices/system/cpu/cpufreq/\(policy)"
            guard let limit = number("\(folder)/scaling_max_freq"), let most = number("\(folder)/cpuinfo_max_freq"),
                limit < most
            else { return nil }
            return .note(
                "frequency", "\(policy) is limited to \(limit / 1000) of \(most / 1000) MHz",
                command: "echo \(most) | sudo tee \(folder)/scaling_max_freq")
        }
    }

    /// The service's control group may have less of the CPUs than the machine has.
    private func quota() -> [Finding] {
        guard let text = line("/sys/fs/cgroup/system.slice/tarsier.service/cpu.max") else { return [] }
        let fields = text.split(separator: " ").map { Double($0) }
        guard fields.count == 2, let time = fields[0], let period = fields[1], period > 0, time < period else {
            return []
        }
        return [
            .note(
                "quota", "the service may use \(Int(100 * time / period)) % of one CPU",
                command: "sudo systemctl set-property tarsier.service CPUQuota=")
        ]
    }

    private func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: machine.root + folder)) ?? []).sorted()
    }

    private func line(_ path: String) -> String? {
        machine.text(path)?.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    private func number(_ path: String) -> Int? { line(path).flatMap { Int($0) } }
}
