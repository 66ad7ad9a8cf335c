internal import Power

extension Doctor {
    /// Heat, throttling, voltage and quota.
    func sensors() -> [Finding] {
        var reader = SensorReader()
        let readings = reader.read()
        var findings: [Finding] = []
        if readings.throttling?.isUndervolted == true {
            findings.append(
                .problem(
                    "power supply", "under-voltage: the board gets too little; use its own supply and a short cable",
                    command: "vcgencmd get_throttled"))
        }
        if readings.throttling?.isThrottled == true {
            findings.append(
                .problem(
                    "heat", "the CPU is slowed down; give it a heat sink or a fan", command: "vcgencmd measure_temp"))
        } else if let celsius = readings.temperature?.celsius {
            findings.append(.fine("heat", "\((celsius * 10).rounded() / 10) C, not throttled"))
        }
        if let quota = readings.quotaCPUs {
            findings.append(
                .note(
                    "quota", "the control group grants \((quota * 100).rounded() / 100) CPUs",
                    command: "systemctl show tarsier --property CPUQuotaPerSecUSec"))
        }
        return findings
    }
}
