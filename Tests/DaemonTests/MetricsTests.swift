import Testing
import Wire

@testable import Daemon

/// The rules of OpenMetrics 1.0 that a text without histograms can break.
@Suite struct MetricsTests {
    private let text = Metrics.text(
        version: "0.1.0", model: ModelInfo(name: "a \"b\" \\ c\nd", sha256: "00ff", labels: 2, input: [224, 224, 3]),
        frames: Status.Frames(captured: 9, inferred: 4, skipped: ["rate": 3, "busy": 2]),
        power: PowerEvent(threads: 2, rate: 5, cause: ""),
        clients: Status.Clients(connected: 2, disconnects: ["closed": 4, "stalled": 1]), uptimeMs: 1500)

    @Test func `The text follows the format line by line`() throws {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.suffix(2) == ["# EOF", ""], "the end mark, and a line end behind it")
        var (family, type, unit) = ("", "", "")
        var (families, samples): (Set<String>, Set<Substring>) = ([], [])
        for line in lines.dropLast(2) {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            if line.hasPrefix("# TYPE ") {
                (family, type, unit) = (words[2], words[3], "")
                #expect(families.insert(family).inserted, "\(family) is described once")
                #expect(["counter", "gauge"].contains(type) && !family.hasSuffix("_total"))
            } else if line.hasPrefix("# UNIT ") {
                unit = words[3]
                #expect(words[2] == family && family.hasSuffix("_" + unit))
            } else if line.hasPrefix("# HELP ") {
                #expect(words[2] == family && !words[3].isEmpty)
            } else {
                let name = line.prefix { $0 != "{" && $0 != " " }
                #expect(name == (type == "counter" ? family + "_total" : family))
                let value = try #require(line.split(separator: " ").last.flatMap { Double($0) }, "\(line)")
                #expect(value >= 0)
                let sample = line.dropLast(line.split(separator: " ").last?.count ?? 0)
                #expect(samples.insert(sample).inserted, "\(sample) comes once")
            }
        }
        #expect(families.count >= 12)
    }

    @Test func `Label values are escaped, and the counters are all there`() {
        #expect(text.contains(#"model="a \"b\" \\ c\nd""#))
        for line in [
            "tarsier_frames_captured_total 9", "tarsier_inferences_total 4",
            #"tarsier_frames_skipped_total{reason="busy"} 2"#, "tarsier_threads 2", "tarsier_rate_limit 5.0",
            "tarsier_clients 2", #"tarsier_clients_disconnected_total{reason="stalled"} 1"#,
            "tarsier_uptime_seconds 1.5",
        ] {
            #expect(text.contains("\n" + line + "\n"), "\(line)")
        }
    }
}
