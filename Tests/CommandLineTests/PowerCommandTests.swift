import Foundation
import Testing

/// The governor as a user meets it.
@Suite(.serialized) struct PowerCommandTests {
    private let scratch: ScratchFolder
    private var socket: String { scratch.path + "/tarsier.sock" }

    init() throws { scratch = try ScratchFolder() }

    private func status() throws -> [String: Any] {
        try Program.object(try Program.run("status", "--socket", socket, "--json").output)
    }

    @Test func `tune writes a table that the daemon starts with`() throws {
        let table = scratch.path + "/tuning.json"
        let tuned = try Program.run(
            "tune", "--model", Program.model, "--output", table, "--runs", "3", "--threads", "1", "--json")
        #expect(tuned.status == 0, "\(tuned.complaints)")
        let rows = try #require(try Program.object(tuned.output)["rows"] as? [[String: Any]])
        #expect(rows.count == 1 && (rows[0]["latency_ms"] as? Double ?? 0) > 0)
        // A table that says inferences take a minute: who believes it finds the rate out of reach.
        var file = try Program.object(try String(contentsOfFile: table, encoding: .utf8))
        file["rows"] = [["threads": 1, "latency_ms": 5000, "cpu_ms": 5000]]
        try JSONSerialization.data(withJSONObject: file).write(to: URL(fileURLWithPath: table))
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--tuning", table, "--threads", "1"])
        #expect(daemon.stop().complaints.contains("fixed by --threads"))
        let automatic = try Fixtures.daemon(on: socket, ["--source", "scene:", "--tuning", table])
        let power = try #require(try status()["power"] as? [String: Any])
        #expect(power["kind"] as? String == "too_slow", "\(power)")
        #expect(automatic.stop().status == 0)
    }

    @Test func `A limit on CPU time is kept, told, and lifted with the demand`() throws {
        // 200 inferences a second would take more on any machine, and one in ten seconds less.
        let percent = Program.times(2, emulated: 20)
        let daemon = try Fixtures.daemon(
            on: socket, ["--source", "scene:", "--rate", "200", "--max-cpu-percent", "\(percent)", "--threads", "1"])
        let power = try #require(try status()["power"] as? [String: Any])
        #expect(power["kind"] as? String == "cpu_percent" && (power["rate"] as? Double ?? 999) < 100, "\(power)")
        #expect(try Program.run("set", "--socket", socket, "rate=0.1").status == 0)
        let later = try #require(try status()["power"] as? [String: Any])
        #expect(later["kind"] as? String == "demand" && later["rate"] as? Double == 0.1, "\(later)")
        let log = daemon.stop().complaints
        #expect(log.contains("power: 1 thread, at most 0.1 a second: asked for: rate"), "\(log)")
    }

    @Test(arguments: [
        ["--max-temperature", "5"], ["--max-cpu-percent", "0"], ["--max-watts", "x"], ["--deadline-ms", "-1"],
        ["--idle", "maybe"],
    ])
    func `Limits that make no sense are refused`(arguments: [String]) throws {
        let outcome = try Running(["run", "--source", "scene:"] + arguments).wait()
        #expect(outcome.status == 64 && outcome.complaints.contains(arguments[0]), "\(outcome.complaints)")
    }

    @Test func `Nobody subscribed is no scene drawn`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:"])
        let frames = { () throws -> Int in
            let frames = try #require(try status()["frames"] as? [String: Any])
            return try #require(frames["captured"] as? Int)
        }
        #expect(try Program.run("subscribe", "--socket", socket, "--every", "--count", "2").status == 0)
        // The one that was being drawn may still come; `status` itself subscribes for a moment to what every client gets.
        let before = try frames()
        Thread.sleep(forTimeInterval: 2)
        let after = try frames()
        #expect(after - before <= 6, "ten a second would be twenty: \(before), \(after)")
        #expect(daemon.stop().status == 0)
    }
}
