internal import Power

extension Doctor {
    /// Heat, voltage, throttling, battery and quota: what makes a board slower than it should be. The governor's own sensors.
    func sensors() -> [Finding] {
        var reader = SensorReader(SensorRoot(machine.root))
        let now = reader.read()
        return supply(now) + heat(now) + frequency(now) + quota()
    }

    private func supply(_ now: Readings) -> [Finding] {
        var findings: [Finding] = []
        if let throttling = now.throttling {
            findings.append(
                throttling.isUndervolted
                    ? .problem(
                        "supply", "under-voltage: the CPU is slowed down; use a stronger supply and a shorter cable",
                        command: "sudo dmesg | grep -i voltage")
                    : .fine("supply", "no under-voltage reported"))
        }
        if let supply = now.supply, supply.isOnBattery {
            let percent = supply.percent.map { ", \(Int($0)) %" } ?? ""
            findings.append(.note("supply", "on battery\(percent)", command: "tarsier status"))
        }
        return findings
    }

    private func heat(_ now: Readings) -> [Finding] {
        var findings: [Finding] = []
        if let temperature = now.temperature {
            // Boards without a trip point of their own throttle at 80 to 85.
            let limit = temperature.passiveTripCelsius ?? 80
            let text = "\(Int(temperature.celsius)) C, throttles at \(Int(limit))"
            findings.append(
                temperature.celsius < limit
                    ? .fine("temperature", text)
                    : .problem(
                        "temperature", "\(text): give it air, or ask less of it", command: "sudo tarsier set rate=2"))
        }
        if now.throttling?.isThrottled == true {
            findings.append(
                .problem("temperature", "the clock is held down against heat", command: "sudo tarsier set rate=2"))
        }
        return findings
    }

    /// A limit below what the CPU can do, set by firmware or an administrator.
    private func frequency(_ now: Readings) -> [Finding] {
        guard let frequency = now.frequency, let limit = frequency.maxKHz, let most = frequency.hardwareKHz,
            limit < most
        else { return [] }
        return [
            .note(
                "frequency", "limited to \(limit / 1000) of \(most / 1000) MHz",
                command: "echo \(most) | sudo tee /sys/devices/system/cpu/cpufreq/policy*/scaling_max_freq")
        ]
    }

    /// The service's control group may have less of the CPUs than the machine has.
    private func quota() -> [Finding] {
        let text = machine.text("/sys/fs/cgroup/system.slice/tarsier.service/cpu.max") ?? ""
        let fields = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
        guard fields.count == 2, let time = fields[0], let period = fields[1], period > 0, time < period else {
            return []
        }
        return [
            .note(
                "quota", "the service may use \(Int(100 * time / period)) % of one CPU",
                command: "sudo systemctl set-property tarsier.service CPUQuota=")
        ]
    }
}
