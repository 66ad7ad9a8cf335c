internal import LinuxIO
package import Wire

/// The daemon's counters in the Prometheus text format, for the `metrics` request.
package enum Metrics {
    package static func text(frames: Status.Frames, threads: Int) -> String {
        var lines = [
            "# TYPE tarsier_frames_captured_total counter", "tarsier_frames_captured_total \(frames.captured)",
            "# TYPE tarsier_inferences_total counter", "tarsier_inferences_total \(frames.inferred)",
            "# TYPE tarsier_frames_skipped_total counter",
        ]
        for (reason, count) in frames.skipped.sorted(by: { $0.key < $1.key }) {
            lines.append("tarsier_frames_skipped_total{reason=\"\(reason)\"} \(count)")
        }
        lines += ["# TYPE tarsier_threads gauge", "tarsier_threads \(threads)"]
        if let memory = try? ProcessMemory.current() {
            lines += [
                "# TYPE tarsier_resident_memory_bytes gauge", "tarsier_resident_memory_bytes \(memory.residentBytes)",
            ]
        }
        lines += [
            "# TYPE tarsier_cpu_seconds_total counter",
            "tarsier_cpu_seconds_total \(Double(CPUClock.process()) / 1e9)",
        ]
        return lines.joined(separator: "\n") + "\n# EOF\n"
    }
}
