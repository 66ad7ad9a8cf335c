import Foundation
import Testing
import Wire

@testable import Daemon

/// Dashboard and alerts ask for metrics that the daemon has, by the names and labels it gives them.
@Suite struct DashboardTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("examples/prometheus").path

    private let samples: Set<String>
    /// Label and value of each sample that has one.
    private let text: String

    init() {
        let sensors = [
            "temperature_celsius", "throttled", "undervoltage", "contention", "quota_cpus", "on_battery",
            "battery_percent", "watts",
            "fan_rpm",
        ]
        let counters = FrameCounters()
        text = Metrics.text(
            version: "1", model: ModelInfo(name: "a", sha256: "0", labels: 1, input: [1, 1, 3]),
            frames: counters.snapshot,
            power: PowerEvent(threads: 1, rate: 5, cause: ""), clients: Status.Clients(), uptimeMs: 1,
            sensors: Dictionary(uniqueKeysWithValues: sensors.map { ($0, 1) }), changes: ["heat": 1],
            stages: counters.stageSeconds, camera: .ok)
        // A family without a sample yet has at least its description.
        let families = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ") }
        samples = Set(families.map { $0[3] == "counter" ? "\($0[2])_total" : "\($0[2])" })
    }

    private func names(in expression: String) -> [String] {
        expression.matches(of: /tarsier_[a-z_]+/).map { String($0.output) }
    }

    /// Every `label="value"` beside the ones that Prometheus itself adds.
    private func pairs(in expression: String) -> [String] {
        expression.matches(of: /(reason|stage|cause)="([a-z_]+)"/).map { "\($0.output.1)=\"\($0.output.2)\"" }
    }

    private func check(_ expressions: [String], _ file: String) {
        #expect(expressions.count >= 8, "\(file)")
        for expression in expressions {
            for name in names(in: expression) { #expect(samples.contains(name), "\(file): \(name) in \(expression)") }
            for pair in pairs(in: expression) { #expect(text.contains(pair), "\(file): \(pair) in \(expression)") }
        }
    }

    @Test func `The alerts match the metrics`() throws {
        let lines = try String(contentsOfFile: Self.folder + "/tarsier-alerts.yml", encoding: .utf8).split(
            separator: "\n")
        let expressions = lines.compactMap { line in
            line.range(of: "expr: ").map { String(line[$0.upperBound...]) }
        }
        check(expressions, "tarsier-alerts.yml")
        #expect(lines.count { $0.contains("- alert: ") } == expressions.count)
        #expect(lines.count { $0.contains("summary: ") } == expressions.count)
    }

    @Test func `The dashboard matches the metrics`() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Self.folder + "/grafana-dashboard.json"))
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        var expressions: [String] = []
        for panel in panels {
            let targets = try #require(panel["targets"] as? [[String: Any]])
            expressions += targets.compactMap { $0["expr"] as? String }
        }
        check(expressions, "grafana-dashboard.json")
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    }

    @Test func `A name that does not exist would be found`() {
        #expect(!samples.contains("tarsier_frames_captured") && samples.contains("tarsier_frames_captured_total"))
        #expect(names(in: "rate(tarsier_nonsense_total[5m]) > 1") == ["tarsier_nonsense_total"])
    }
}
