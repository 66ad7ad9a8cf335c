import Foundation
import Testing
import Wire

/// The daemon as a service manager sees it: notifications, watchdog, reload, log lines.
@Suite(.serialized) struct ServiceTests {
    private let scratch: ScratchFolder
    private let manager: NotifyListener
    private var socket: String { scratch.path + "/tarsier.sock" }
    private var file: String { scratch.path + "/tarsier.conf" }

    init() throws {
        scratch = try ScratchFolder()
        manager = try NotifyListener(scratch.path + "/notify")
    }

    /// Writes the configuration and starts the daemon under it.
    private func start(
        _ settings: String = "", environment: [String: String] = [:], notify: String? = nil
    ) throws -> Running {
        try configure(settings)
        return try Running(
            ["run", "--config", file],
            environment: environment.merging(["NOTIFY_SOCKET": notify ?? manager.path]) { given, _ in given })
    }

    private func configure(_ settings: String, model: String = Program.model) throws {
        let source = settings.contains("source = ") ? "" : "source = scene:\n"
        let text = "\(source)socket = \(socket)\nmodel = \(model)\n\(settings)\n"
        _ = try scratch.file("tarsier.conf", Array(text.utf8))
    }

    private func status() throws -> [String: Any] {
        try Program.object(try Program.run("status", "--json", "--socket", socket).output)
    }

    private func modelDigest() throws -> String {
        try #require((try status()["model"] as? [String: Any])?["sha256"] as? String)
    }

    // MARK: notifications

    @Test func `READY comes when clients can connect, STOPPING when the end was asked for`() throws {
        let daemon = try start()
        let ready = try manager.messages { $0.hasPrefix("READY=1") }
        #expect(ready.count == 1 && ready[0].contains("\nSTATUS=listening, sm_v2"), "\(ready)")
        #expect(try Program.run("status", "--socket", socket).status == 0)
        daemon.process.terminate()
        #expect(try manager.messages { $0.hasPrefix("STOPPING=1") }.isEmpty == false)
        #expect(daemon.wait().status == 0)
    }

    @Test func `An abstract notify socket is reached`() throws {
        let abstract = try NotifyListener("@tarsier-test-\(UUID().uuidString.prefix(8))")
        let daemon = try start(notify: abstract.path)
        #expect(abstract.next()?.hasPrefix("READY=1") == true)
        daemon.stop()
    }

    @Test func `Without a model there is no READY`() throws {
        try configure("", model: scratch.path + "/none")
        let daemon = try Running(["run", "--config", file], environment: ["NOTIFY_SOCKET": manager.path])
        #expect(daemon.wait().status == 66)
        #expect(manager.next(seconds: 0) == nil)
    }

    @Test func `The watchdog is fed while the daemon rests and while it works`() throws {
        let daemon = try start("rate = 0.2", environment: ["WATCHDOG_USEC": "900000"])
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        // Nobody is subscribed: only the loop's coming round can feed it.
        for _ in 0..<3 { _ = try manager.messages { $0 == "WATCHDOG=1" } }
        #expect(((try status()["frames"] as? [String: Any])?["inferred"] as? Int ?? 0) <= 1)
        // With five seconds between two inferences it is fed meanwhile.
        let reader = try Running(["subscribe", "--socket", socket, "--every"])
        for _ in 0..<8 { _ = try manager.messages { $0 == "WATCHDOG=1" } }
        reader.stop()
        daemon.stop()
    }

    @Test func `A watchdog meant for another process is not fed`() throws {
        let daemon = try start(environment: ["WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"])
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        #expect(manager.next(seconds: 1) == nil)
        daemon.stop()
    }

    // MARK: reload

    @Test func `SIGHUP swaps the model between two frames and loses none`() throws {
        // A film is worked through frame by frame, however slow this machine is: what is missing was lost.
        let length = Program.isSanitized ? 1200 : Program.times(120, emulated: 80)
        let film = try scratch.file("film.mjpeg", Array(repeatElement(try Fixtures.grey(), count: length).joined()))
        let settings = "source = mjpeg:\(film)\nrate = 20\nthreads = 1"
        let daemon = try start(settings)
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        let before = try modelDigest()
        let reader = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        while let line = reader.line(), !line.contains("\"type\":\"result\"") {}
        try configure(settings, model: try otherModel())
        kill(daemon.process.processIdentifier, SIGHUP)
        let told = try manager.messages { $0.hasPrefix("READY=1") }
        #expect(told.contains { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") })
        #expect(told.last == "READY=1\nSTATUS=reloaded, sm_v2", "\(told)")
        #expect(try modelDigest() != before)
        let labels = try Running(
            ["-t", "2", "-", "UNIX-CONNECT:\(socket)"], program: Fixtures.tool("socat"),
            input: Array("{\"op\":\"labels\",\"id\":1}\n".utf8)
        ).wait().output
        #expect(labels.contains("\"vegetaple\""), "\(labels)")
        let log = daemon.wait().complaints
        #expect(log.contains("\(length) frames captured, \(length) inferred"), "\(log)")
        let frames = try reader.stop().output.split(separator: "\n").map { try Program.object($0) }
            .filter { $0["type"] as? String == "result" }.compactMap { $0["frame"] as? Int }
        #expect(frames.count > length / 2 && zip(frames.dropFirst(), frames).allSatisfy { $0 - $1 == 1 }, "\(frames)")
    }

    @Test(arguments: ["truncated", "answers the same", "another digest", "no such file"])
    func `A broken new model changes nothing`(kind: String) throws {
        let daemon = try start()
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        let before = try modelDigest()
        switch kind {
        case "truncated":
            let whole = try Data(contentsOf: URL(fileURLWithPath: Program.model))
            try configure("", model: try scratch.file("short.safetensors", Array(whole.prefix(100_000))))
        case "answers the same": try configure("", model: try deadModel())
        case "another digest": try configure("model-sha256 = \(before.uppercased())", model: try otherModel())
        default: try configure("", model: scratch.path + "/none.safetensors")
        }
        kill(daemon.process.processIdentifier, SIGHUP)
        let told = try manager.messages { $0.hasPrefix("READY=1") }
        #expect(told.last?.contains("going on as before, the reload failed") == true, "\(told)")
        #expect(try modelDigest() == before)
        #expect(try Program.run("subscribe", "--socket", socket, "--every", "--count", "2").status == 0)
        let log = daemon.stop().complaints
        #expect(log.contains("not reloaded, going on as before"), "\(log)")
        if kind == "answers the same" { #expect(log.contains("it answers the same whatever it is shown"), "\(log)") }
    }

    @Test func `A mistake in the configuration changes nothing; a good one is applied`() throws {
        let daemon = try start("rate = 7")
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        try configure("rate = 7\ntreads = 2")
        kill(daemon.process.processIdentifier, SIGHUP)
        let refused = try manager.messages { $0.hasPrefix("READY=1") }
        #expect(refused.last?.contains("did you mean threads?") == true, "\(refused)")
        try configure("rate = 4\nthreads = 1\nmax-clients = 7")
        kill(daemon.process.processIdentifier, SIGHUP)
        _ = try manager.messages { $0.hasPrefix("READY=1") }
        let power = try #require(try status()["power"] as? [String: Any])
        #expect(power["rate"] as? Double == 4 && power["threads"] as? Int == 1)
        let log = daemon.stop().complaints
        #expect(log.contains("max-clients has changed; that takes a restart"), "\(log)")
    }

    /// The default model with one label spelt differently, at the same place.
    private func otherModel() throws -> String {
        var whole = try Data(contentsOf: URL(fileURLWithPath: Program.model))
        let found = try #require(
            whole.range(of: Data("\"vegetable\\\"".utf8)) ?? whole.range(of: Data("vegetable".utf8)))
        let word = try #require(whole[found].firstRange(of: Data("table".utf8)))
        whole.replaceSubrange(word, with: Data("taple".utf8))
        return try scratch.file("other.safetensors", Array(whole))
    }

    /// The default model with nothing but zeros in its classifier: valid, and useless.
    private func deadModel() throws -> String {
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: Program.model)))
        let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        let header = try Program.object(String(decoding: bytes[8..<8 + length], as: UTF8.self))
        let place = try #require((header["classifier.weight"] as? [String: Any])?["data_offsets"] as? [Int])
        for index in place[0]..<place[1] { bytes[8 + length + index] = 0 }
        return try scratch.file("dead.safetensors", bytes)
    }

    // MARK: log

    @Test func `Lines have priorities when stderr is the journal, and only then`() throws {
        let journal = "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2)"
        let run = "\(Program.path) run --config /dev/null --source scene: --socket \(socket) --frames 1 --model"
        func log(_ command: String) throws -> [Substring] {
            try Running(["-c", command], program: "/bin/sh").wait().lines
        }
        let lines = try log("\(journal) exec \(run) \(Program.model)")
        #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix("<6>tarsier: ") }, "\(lines)")
        let failed = try log("\(journal) exec \(run) /nowhere")
        #expect(failed.count == 1 && failed[0].hasPrefix("<3>tarsier: "), "\(failed)")
        // Inherited by a program whose stderr goes elsewhere.
        let elsewhere = try log("JOURNAL_STREAM=8:1 exec \(run) \(Program.model)")
        #expect(!elsewhere.isEmpty && elsewhere.allSatisfy { $0.hasPrefix("tarsier: ") }, "\(elsewhere)")
    }

    @Test func `JSON lines on request, and nothing below the level asked for`() throws {
        let arguments = ["run", "--config", "/dev/null", "--source", "scene:", "--socket", socket, "--frames", "1"]
        let lines = try Running(arguments + ["--model", Program.model, "--log-format", "json"]).wait().lines
        #expect(lines.count >= 3)
        for line in lines {
            let object = try Program.object(line)
            #expect(object["level"] as? String == "info" && object["message"] as? String != nil)
            #expect(Timestamp(object["ts"] as? String ?? "") != nil)
        }
        #expect(try Running(arguments + ["--model", Program.model, "--log-level", "error"]).wait().lines.isEmpty)
    }
}
