import Foundation
import Testing
import Wire

/// status, metrics, set, subscribe --exec, record and replay against the real daemon.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ClientCommandTests {
    private let scratch: ScratchFolder
    private var socket: String { scratch.path + "/tarsier.sock" }

    init() throws { scratch = try ScratchFolder() }

    private func start(_ arguments: String...) throws -> Running { try Fixtures.daemon(on: socket, arguments) }

    /// Messages of each kind in NDJSON.
    private func messages(_ text: String) throws -> [ServerMessage] {
        try text.split(separator: "\n").map { try ServerMessage(line: Array($0.utf8)) }
    }

    @Test func `Every line of a real session follows the schema`() throws {
        let schema = try Schema()
        let daemon = try start("--source", "scene:", "--rate", "10")
        let requests = [
            #"{"op":"subscribe","id":1,"mode":"every","resume":{"run":"x","state_seq":0}}"#,
            #"{"op":"status","id":"two"}"#,
            #"{"op":"metrics"}"#, #"{"op":"labels","id":4}"#, #"{"op":"fly","id":5}"#,
            #"{"op":"set","values":{"rate":9}}"#,
            #"{"op":"subscribe","fields":["label"],"mode":"every"}"#,
        ]
        let session = try Running(
            ["-t", "3", "-", "UNIX-CONNECT:\(socket)"], program: Fixtures.tool("socat"),
            input: Array((requests.joined(separator: "\n") + "\n").utf8))
        // The daemon's end is the session's: until then results come, and socat waits for more.
        var lines: [String] = []
        while lines.count < 40, let line = session.line() { lines.append(line) }
        daemon.stop()
        lines += session.wait().output.split(separator: "\n").map(String.init)
        for line in lines { #expect(try schema.faults(line) == [], "\(line)") }
        let types = try Set(lines.map { try #require(try Program.object($0)["type"] as? String) })
        #expect(types.isSuperset(of: ["hello", "result", "power", "camera", "reply"]), "\(types)")
        // The schema is no rubber stamp.
        let sound = #"{"type":"power","state_seq":1,"threads":1,"rate":null,"cause":""}"#
        #expect(try schema.faults(sound) == [])
        for wrong in [
            #"{"type":"power","state_seq":0,"threads":1,"rate":null,"cause":""}"#, #"{"type":"power"}"#,
            #"{"type":"power","state_seq":1,"threads":true,"rate":null,"cause":""}"#, #"{"type":"rain"}"#, "7",
            #"{"type":"power","state_seq":1,"threads":1,"rate":"5","cause":"","more":1}"#,
            #"{"type":"leave","state_seq":1,"label":"a","ts":"today","mono_ns":1,"duration_ms":1}"#,
        ] {
            #expect(try schema.faults(wrong) != [], "\(wrong)")
        }
    }

    @Test func `The examples of the document follow the schema`() throws {
        let schema = try Schema()
        let text = try String(contentsOfFile: Program.root + "/docs/wire.md", encoding: .utf8)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("{\"type\"") }
        #expect(lines.count >= 12)
        for line in lines { #expect(try schema.faults(line) == [], "\(line)") }
    }

    @Test func `set changes the rate, everybody is told, and status and metrics say so`() throws {
        let daemon = try start("--source", "scene:", "--threads", "1")
        let listener = try Running(["subscribe", "--socket", socket, "--event", "power", "--json"])
        let hello = try Program.object(try #require(listener.line()))
        #expect((hello["power"] as? [String: Any])?["rate"] as? Double == 10)
        #expect(try Program.run("set", "--socket", socket, "rate=7.5").status == 0)
        // The power event of the start may come first.
        var event = try Program.object(try #require(listener.line()))
        if event["rate"] as? Double == 10 { event = try Program.object(try #require(listener.line())) }
        #expect(event["rate"] as? Double == 7.5 && event["cause"] as? String == "asked for: rate")
        listener.stop()
        let status = try Program.object(try Program.run("status", "--socket", socket, "--json").output)
        #expect((status["power"] as? [String: Any])?["rate"] as? Double == 7.5)
        #expect(try Program.run("status", "--socket", socket).output.contains("at most 7.50 a second: asked for: rate"))
        let metrics = try Program.run("metrics", "--socket", socket).output
        #expect(metrics.contains("\ntarsier_rate_limit 7.5\n") && metrics.hasSuffix("# EOF\n"))
        for wrong in ["rate=0", "rate=fast", "threads=2", "colour=red"] {
            let outcome = try Program.run("set", "--socket", socket, wrong)
            #expect(outcome.status == 64 && outcome.lines.count == 1, "\(wrong): \(outcome)")
        }
        #expect(daemon.stop().status == 0)
    }

    @Test func `Asking where no daemon is says so in one line`() throws {
        for command in ["status", "metrics"] {
            let outcome = try Program.run(command, "--socket", socket)
            #expect(outcome.status == 69 && outcome.lines.count == 1 && outcome.complaints.contains(socket))
        }
    }

    @Test func `A daemon that takes connections and says nothing is told of, and looked for again`() throws {
        let script = """
            import socket, sys, time
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); time.sleep(999)
            """
        let silent = try Running(["-c", script, socket], program: Fixtures.tool("python3"))
        defer { silent.stop() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let file = scratch.path + "/day.ndjson"
        let limit = "\(9 * Program.patience)"
        let commands = try [["subscribe"], ["record", file], ["watch", "--json"]].map { command in
            try Running([limit, Program.path] + command + ["--socket", socket], program: Fixtures.tool("timeout"))
        }
        for command in commands {
            let outcome = command.wait()
            // 124: it was still trying.
            #expect(outcome.status == 124, "\(outcome)")
            #expect(outcome.complaints.contains("\(socket) did not answer within 5 s"), "\(outcome.complaints)")
        }
    }

    @Test func `A hook gets each event in its environment and on its input`() throws {
        let daemon = try start("--source", "scene:", "--rate", "10")
        let file = scratch.path + "/seen"
        let hook = """
            echo "$TARSIER_TYPE $TARSIER_LABEL $TARSIER_SCORE" >> \(file); cat >> \(file).json
            grep SigBlk /proc/self/status > \(file).signals; exit 3
            """
        let outcome = try Program.run(
            "subscribe", "--socket", socket, "--every", "--count", "3", "--event", "result", "--exec", hook)
        daemon.stop()
        #expect(outcome.status == 0 && outcome.output.isEmpty)
        #expect(outcome.complaints.contains("ended with status 3"), "a hook that fails is told of")
        let seen = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n")
        let events = try messages(try String(contentsOfFile: file + ".json", encoding: .utf8))
        #expect(seen.first?.hasPrefix("hello") == true)
        let blocked = try String(contentsOfFile: file + ".signals", encoding: .utf8).split(separator: "\t").last
        #expect(blocked.flatMap { Int($0.dropLast(), radix: 16) } == 0, "a hook can be ended by signals")
        let results = events.compactMap { if case .result(let result) = $0 { result } else { nil } }
        #expect(results.count == 3 && seen.count == events.count)
        let words = seen.filter { $0.hasPrefix("result ") }.map { $0.split(separator: " ") }
        #expect(words.map { String($0[1]) } == results.map(\.label))
        #expect(zip(words, results).allSatisfy { abs((Double($0[2]) ?? 9) - $1.score) < 0.00011 })
    }

    @Test func `What is recorded comes back when it is replayed`() throws {
        let daemon = try start("--source", "scene:", "--rate", "10")
        let file = scratch.path + "/day.ndjson"
        #expect(try Program.run("record", file, "--socket", socket, "--every", "--count", "8").status == 0)
        daemon.stop()
        // What a killed recorder leaves: half a line.
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"type":"res"#.utf8))
        try handle.close()
        let whole = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").dropLast()
        let recorded = try messages(whole.joined(separator: "\n"))
        let player = try Running(["replay", file, "--socket", socket, "--speed", "4", "--wait"])
        defer { player.stop() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let again = try messages(
            try Program.run("subscribe", "--socket", socket, "--every", "--json", "--count", "8").output)
        let labels = { (list: [ServerMessage]) in
            list.compactMap { if case .result(let result) = $0 { "\(result.label) \(result.score)" } else { nil } }
        }
        #expect(labels(again) == labels(recorded) && labels(again).count == 8)
        guard case .hello(let hello)? = again.first, case .hello(let first)? = recorded.first else {
            Issue.record("the first line is hello")
            return
        }
        #expect(hello.model == first.model && hello.run != first.run)
    }

    @Test func `A recording that is none is bad data, with the line`() throws {
        let file = try scratch.file("bad.ndjson", Array("{\"type\":\"gap\",\"dropped\":1}\nnonsense\n{}\n".utf8))
        let outcome = try Program.run("replay", file, "--socket", socket)
        #expect(outcome.status == 65 && outcome.lines.count == 1 && outcome.complaints.contains("line 2"))
        let empty = try scratch.file("empty.ndjson", [])
        #expect(try Program.run("replay", empty, "--socket", socket).status == 65)
        #expect(try Program.run("replay", file + "-not-there", "--socket", socket).status == 66)
    }

    @Test func `A socket handed over by the service manager is served and left`() throws {
        let python = try Fixtures.tool("python3")
        // What systemd does: a listening socket as descriptor 3, and its number in the environment of the same process.
        let script = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()
            os.dup2(s.fileno(), 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let daemon = try Running(
            [
                "-c", script, socket, Program.path, "run", "--model", Program.model, "--source", "scene:", "--socket",
                scratch.path + "/unused",
            ], program: python)
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        // It listens before the daemon is up, who may take longer than a client waits.
        #expect(try Fixtures.eventually { try Program.run("status", "--socket", socket).status == 0 })
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/unused"))
        #expect(daemon.stop().status == 0)
        #expect(FileManager.default.fileExists(atPath: socket), "it is the service manager's")
    }

    @Test func `A handed descriptor that is no listener is told of, and the own path is bound`() throws {
        let python = try Fixtures.tool("python3")
        let script = """
            import os, sys
            r, w = os.pipe(); os.dup2(r, 3); os.set_inheritable(3, True)
            os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
            os.execv(sys.argv[1], sys.argv[1:])
            """
        let daemon = try Running(
            [
                "-c", script, Program.path, "run", "--model", Program.model, "--source", "scene:", "--socket", socket,
            ], program: python)
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        #expect(try Program.run("status", "--socket", socket).status == 0)
        let outcome = daemon.stop()
        #expect(outcome.status == 0 && outcome.complaints.contains("no listening Unix socket"))
        #expect(!FileManager.default.fileExists(atPath: socket))
    }

    @Test func `A reader that goes ends the subscription`() throws {
        let daemon = try start("--source", "scene:", "--rate", "10")
        defer { daemon.stop() }
        let pipe = try Running(
            ["-c", "\"$0\" subscribe --socket \"$1\" --every | head -2; echo done", Program.path, socket],
            program: "/bin/sh")
        #expect(pipe.wait().output.hasSuffix("done\n"))
    }
}
