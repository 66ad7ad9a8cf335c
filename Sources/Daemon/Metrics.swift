internal import LinuxIO
package import Wire

/// The daemon's counters as OpenMetrics text, for the `metrics` request.
package enum Metrics {
    package static func text(
        version: String, model: ModelInfo, frames: Status.Frames, power: PowerEvent, clients: Status.Clients,
        uptimeMs: UInt64, sensors: [String: Double] = [:], changes: [String: UInt64] = [:],
        stages: [String: Double] = [:], camera: CameraState? = nil
    ) -> String {
        var text = OpenMetricsText()
        text.gauge(
            "tarsier_build_info", help: "What runs; always 1.",
            labels: [("version", version), ("model", model.name), ("sha256", model.sha256)], "1")
        text.gauge(
            "tarsier_uptime_seconds", unit: "seconds", help: "Time since the daemon started.",
            "\(Double(uptimeMs) / 1000)")
        if let camera {
            text.gauge("tarsier_camera_ok", help: "Whether the camera gives pictures.", camera == .ok ? "1" : "0")
        }
        add(frames, to: &text)
        text.counter(
            "tarsier_stage_seconds", unit: "seconds", help: "Wall time of inferences, by stage.", by: "stage",
            stages.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
        text.gauge("tarsier_threads", help: "Threads of one inference.", "\(power.threads)")
        if let rate = power.rate {
            text.gauge("tarsier_rate_limit", help: "Most inferences a second.", "\(rate)")
        }
        add(sensors, to: &text)
        text.counter(
            "tarsier_power_changes", help: "Changes of the working point, by kind of cause.", by: "cause",
            sorted(changes))
        add(clients, to: &text)
        if let memory = try? ProcessMemory.current() {
            text.gauge(
                "tarsier_resident_memory_bytes", unit: "bytes", help: "Resident memory of the daemon.",
                "\(memory.residentBytes)")
        }
        text.counter(
            "tarsier_cpu_seconds", unit: "seconds", help: "CPU time of all threads of the daemon.",
            [("", "\(Double(CPUClock.process()) / 1e9)")])
        return text.text
    }

    private static func add(_ frames: Status.Frames, to text: inout OpenMetricsText) {
        text.counter(
            "tarsier_frames_captured", help: "Frames that came from the source.", [("", "\(frames.captured)")])
        text.counter("tarsier_inferences", help: "Frames that went through the network.", [("", "\(frames.inferred)")])
        text.counter(
            "tarsier_frames_skipped", help: "Frames that were not inferred, by reason.", by: "reason",
            sorted(frames.skipped))
    }

    /// What the sensors say; a machine has some of them.
    private static let sensorHelp: [(name: String, metric: String, unit: String?, help: String)] = [
        ("temperature_celsius", "tarsier_cpu_temperature_celsius", "celsius", "How hot the CPU is."),
        ("throttled", "tarsier_cpu_throttled", nil, "Whether the CPU's clock is held down against heat."),
        ("undervoltage", "tarsier_undervoltage", nil, "Whether the power supply is too weak."),
        ("contention", "tarsier_cpu_contention_ratio", "ratio", "Share of the time that threads waited for a CPU."),
        ("quota_cpus", "tarsier_cpu_quota", nil, "CPUs that the control group grants."),
        ("on_battery", "tarsier_on_battery", nil, "Whether a battery feeds the machine."),
        ("battery_percent", "tarsier_battery_percent", "percent", "Charge of the battery."),
        ("watts", "tarsier_power_watts", "watts", "What the power meter says."),
        ("fan_rpm", "tarsier_fan_rpm", nil, "Turns of the fan a minute."),
    ]

    private static func add(_ sensors: [String: Double], to text: inout OpenMetricsText) {
        for sensor in sensorHelp {
            guard let value = sensors[sensor.name] else { continue }
            text.gauge(sensor.metric, unit: sensor.unit, help: sensor.help, "\(value)")
        }
    }

    private static func add(_ clients: Status.Clients, to text: inout OpenMetricsText) {
        text.gauge("tarsier_clients", help: "Clients connected now.", "\(clients.connected)")
        text.gauge("tarsier_subscribers", help: "Clients subscribed to results now.", "\(clients.subscribed)")
        text.counter("tarsier_clients_accepted", help: "Connections accepted.", [("", "\(clients.accepted)")])
        text.counter(
            "tarsier_clients_refused", help: "Connections turned away, too many being there.",
            [("", "\(clients.refused)")])
        text.counter(
            "tarsier_clients_disconnected", help: "Connections ended, by reason.", by: "reason",
            sorted(clients.disconnects))
        text.counter(
            "tarsier_results_conflated", help: "Results left out for slow clients.", [("", "\(clients.conflated)")])
        text.counter(
            "tarsier_sent_bytes", unit: "bytes", help: "Bytes handed to the kernel for clients.",
            [("", "\(clients.bytesSent)")])
    }

    private static func sorted(_ counts: [String: UInt64]) -> [(String, String)] {
        counts.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
    }
}
