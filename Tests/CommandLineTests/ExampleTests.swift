import Foundation
import Testing
import Wire

/// Every example, as it stands, against the real daemon.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ExampleTests {
    private let scratch: ScratchFolder
    private let examples = Program.root + "/examples"
    private var socket: String { scratch.path + "/tarsier.sock" }
    private var environment: [String: String] { ["TARSIER_SOCKET": socket, "TARSIER": Program.path] }

    init() throws { scratch = try ScratchFolder() }

    private func start(_ arguments: String...) throws -> Running {
        try Fixtures.daemon(on: socket, ["--source", "scene:"] + arguments)
    }

    private func kill(_ daemon: Running) {
        Foundation.kill(daemon.process.processIdentifier, SIGKILL)
        _ = daemon.wait()
    }

    @Test func `The shell prints labels`() throws {
        _ = try (Fixtures.tool("jq"), Fixtures.tool("socat"))
        let daemon = try start()
        let script = try Running([examples + "/shell/labels.sh"], program: "/bin/sh", environment: environment)
        let words = try #require(script.line()).split(separator: " ")
        #expect(words.count == 3 && words[0].hasSuffix("Z") && (Double(words[2]) ?? 9) <= 1)
        // The pipe of the script ends with the connection: first the daemon.
        daemon.stop()
        _ = script.wait()
    }

    /// A client prints arrivals, survives kill -9 of the daemon and goes on with the next one.
    private func expectPresences(_ program: String, _ arguments: [String]) throws {
        var daemon = try start()
        let client = try Running(arguments, program: program, environment: environment)
        var killed = "0"
        for _ in 0..<2 {
            // Lines of the daemon before, of departures too, may still be in the pipe: the time tells.
            var words: [Substring] = []
            while words.count != 3 || words[2] != "came" || words[0] <= killed {
                words = try #require(client.line(), "goes on").split(separator: " ")
                #expect(words.count >= 3 && words[0].hasSuffix("Z") && !words[1].isEmpty, "\(words)")
                try #require(words.dropFirst(2).first == "came" || words.dropFirst(2).first == "went", "\(words)")
            }
            kill(daemon)
            killed = Date().ISO8601Format(.init(includingFractionalSeconds: true))
            daemon = try start()
        }
        #expect(client.process.isRunning)
        daemon.stop()
        client.stop()
    }

    @Test func `Python sees what comes, also after the daemon was killed`() throws {
        let python = try Fixtures.tool("python3")
        try expectPresences(python, [examples + "/python/tarsier.py"])
    }

    @Test func `Node sees what comes, also after the daemon was killed`() throws {
        try expectPresences(try Fixtures.tool("node"), [examples + "/node/tarsier.mjs"])
    }

    private func expectRefusal(_ program: String, _ arguments: [String]) throws {
        let daemon = try start()
        defer { daemon.stop() }
        let outcome = try Running(arguments + ["unicorn"], program: program, environment: environment).wait()
        #expect(outcome.status == 1 && outcome.complaints.contains("no label \"unicorn\""), "\(outcome)")
    }

    @Test func `A wrong request ends the client in Python with the daemon's words`() throws {
        try expectRefusal(try Fixtures.tool("python3"), [examples + "/python/tarsier.py"])
    }

    @Test func `A wrong request ends the client in Node with the daemon's words`() throws {
        try expectRefusal(try Fixtures.tool("node"), [examples + "/node/tarsier.mjs"])
    }

    @Test func `The hook of the systemd unit says what came`() throws {
        let daemon = try start()
        defer { daemon.stop() }
        let unit = try String(contentsOfFile: examples + "/systemd/tarsier-hook@.service", encoding: .utf8)
        let command = try #require(unit.split(separator: "\n").first { $0.hasPrefix("ExecStart=/usr/bin/tarsier ") })
        // The unit's own arguments, with the example for the hook.
        let arguments = command.dropFirst("ExecStart=/usr/bin/tarsier ".count).split(separator: " ").map {
            $0.hasPrefix("/etc/tarsier/hooks/") ? examples + "/systemd/on-presence" : String($0)
        }
        let service = try Running(arguments + ["--socket", socket, "--count", "1"])
        #expect(try #require(service.line()).contains(" came (score 0."))
        #expect(service.wait().status == 0)
    }

    @Test func `node_exporter finds the counters, and that the daemon is gone`() throws {
        let daemon = try start()
        let script = examples + "/node-exporter/tarsier-textfile"
        let values = environment.merging(["FOLDER": scratch.path]) { _, new in new }
        #expect(try Running([script], program: "/bin/sh", environment: values).wait().status == 0)
        let text = { try String(contentsOfFile: scratch.path + "/tarsier.prom", encoding: .utf8) }
        let running = try text()
        #expect(running.contains("\ntarsier_up 1\n") && running.contains("\ntarsier_frames_captured_total "))
        #expect(!running.contains("# EOF"))
        // Of the types that the text format of Prometheus has.
        for line in running.split(separator: "\n") where line.hasPrefix("# TYPE") {
            #expect(line.hasSuffix(" counter") || line.hasSuffix(" gauge"))
        }
        daemon.stop()
        #expect(try Running([script], program: "/bin/sh", environment: values).wait().status == 0)
        #expect(try text() == "# TYPE tarsier_up gauge\ntarsier_up 0\n")
    }

    @Test func `Home Assistant is told what there is and how it is`() throws {
        let broker = try Broker(scratch)
        let running = try broker.start()
        defer { running.stop() }
        try broker.register("#")
        let daemon = try start()
        defer { daemon.stop() }
        let values = environment.merging(["PORT": "\(broker.port)", "NAME": "attic", "BROKER": "127.0.0.1"]) { $1 }
        let script = try Running(
            [examples + "/home-assistant/tarsier-home-assistant"], program: "/bin/sh", environment: values)
        defer { script.stop() }
        var topics: [String: String] = [:]
        let wanted = ["label", "score", "present", "camera"].map { "tarsier/attic/\($0)" }
        // Each thing's first state, and the camera's second: before `ok` comes `starting`.
        let complete = { wanted.allSatisfy { topics[$0] != nil } && topics["tarsier/attic/camera"] == "ON" }
        let deadline = ContinuousClock.now + .seconds(90)
        while !complete(), ContinuousClock.now < deadline {
            for line in try broker.receive("#", count: 40, seconds: 2) {
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                topics[words[0]] = words[1]
            }
        }
        for (object, component) in [
            ("label", "sensor"), ("score", "sensor"), ("present", "sensor"), ("camera", "binary_sensor"),
        ] {
            let text = try #require(topics["homeassistant/\(component)/tarsier_attic/\(object)/config"])
            let discovery = try Program.object(text)
            #expect(discovery["state_topic"] as? String == "tarsier/attic/\(object)")
            #expect(discovery["unique_id"] as? String == "tarsier_attic_\(object)")
            #expect(topics["tarsier/attic/\(object)"] != nil, "\(topics)")
        }
        #expect(topics["tarsier/attic/camera"] == "ON")
        #expect((Double(topics["tarsier/attic/score"] ?? "") ?? 9) <= 1)
    }

    @Test func `The bridge loses nothing while the broker is away, twice`() throws {
        let (bash, broker) = (try Fixtures.tool("bash"), try Broker(scratch))
        var running = try broker.start()
        try broker.register("tarsier/attic")
        running.stop()
        let daemon = try start("--threads", "1")
        defer { daemon.stop() }
        let spool = scratch.path + "/spool"
        let values = environment.merging([
            "PORT": "\(broker.port)", "TOPIC": "tarsier/attic", "BROKER": "127.0.0.1", "SPOOL": spool,
            "SEGMENT_SECONDS": "0.2",
        ]) { $1 }
        let arguments = [examples + "/mqtt/tarsier-mqtt-bridge", "--event", "power"]
        let script = try Running(arguments, program: bash, environment: values)
        defer { script.stop() }
        var rates: [Double] = []
        func change(_ count: Int) throws {
            for _ in 0..<count {
                rates.append(20 + Double(rates.count) / 10)
                #expect(try Program.run("set", "--socket", socket, "rate=\(rates[rates.count - 1])").status == 0)
            }
        }
        func segments() -> Int {
            ((try? FileManager.default.contentsOfDirectory(atPath: spool)) ?? []).count { $0.hasSuffix(".ndjson") }
        }
        var received: [Double] = []
        func receive() throws {
            for line in try broker.receive("tarsier/attic", count: 1, seconds: 2) {
                let message = try Program.object(line.dropFirst("tarsier/attic ".count))
                if message["type"] as? String == "power", let rate = message["rate"] as? Double {
                    received.append(rate)
                }
            }
        }
        // The recorder is there when its first segment is: the hello.
        #expect(Fixtures.eventually { segments() > 0 })
        for _ in 0..<2 {
            try change(6)
            #expect(Fixtures.eventually { segments() > 0 }, "kept while there is no broker")
            running = try broker.start()
            for _ in 0..<60 where !Set(rates).isSubset(of: received) { try receive() }
            #expect(Set(rates).isSubset(of: received), "sent \(rates), received \(received)")
            #expect(Fixtures.eventually { segments() == 0 }, "what the broker has confirmed goes")
            running.stop()
        }
        // At least once, and in order where nothing had to be sent twice.
        #expect(received.filter { rates.contains($0) }.count >= rates.count)
        #expect(script.process.isRunning)
    }

    @Test func `A full spool drops the oldest and says so, and a killed recorder's rest is not lost`() throws {
        let daemon = try start("--rate", "10")
        defer { daemon.stop() }
        let spool = scratch.path + "/spool"
        try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: true)
        let old = try scratch.file("spool/1000-1.ndjson", [UInt8](repeating: 0x20, count: 1_100_000))
        let rest = #"{"type":"gap","dropped":7}"#
        _ = try scratch.file("spool/.part", Array((rest + "\n" + #"{"type":"ga"#).utf8))
        let outcome = try Program.run(
            "record", "--socket", socket, "--spool", spool, "--limit", "1", "--segment-seconds", "0.2", "--every",
            "--count", "4")
        #expect(outcome.status == 0 && outcome.complaints.contains(old), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: old))
        let names = try FileManager.default.contentsOfDirectory(atPath: spool).filter { $0.hasSuffix(".ndjson") }
            .sorted()
        let lines = try names.flatMap {
            try String(contentsOfFile: "\(spool)/\($0)", encoding: .utf8).split(separator: "\n")
        }
        #expect(lines.first.map(String.init) == rest)
        for line in lines { _ = try ServerMessage(line: Array(line.utf8)) }
        #expect(outcome.output.split(separator: "\n").count == names.count, "each segment is named once")
        #expect(FileManager.default.fileExists(atPath: spool + "/place"))
    }
}
