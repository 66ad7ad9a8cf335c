import Foundation
import Testing
import Wire

/// The daemon as its clients see it.
@Suite(.serialized) struct DaemonTests {
    private let scratch: ScratchFolder
    private var socket: String { scratch.path + "/tarsier.sock" }

    init() throws { scratch = try ScratchFolder() }

    private func start(_ arguments: String...) throws -> Running {
        try Fixtures.daemon(on: socket, arguments)
    }

    private func pictures(_ count: Int) throws -> String {
        let folder = scratch.path + "/pictures"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for index in 0..<count { _ = try scratch.file("pictures/\(1000 + index).jpg", Fixtures.grey()) }
        return folder
    }

    @Test func `Two subscribers see every state event and strictly rising seq`() throws {
        let daemon = try start(
            "--source", "images:\(try pictures(60))", "--frames", "\(Program.times(60, emulated: 20))", "--rate", "30")
        let subscribers = try (0..<2).map { _ in
            try Running(["-u", "UNIX-CONNECT:\(socket)", "-"], program: Fixtures.tool("socat"))
        }
        let outputs = subscribers.map { $0.wait().output }
        #expect(daemon.wait().status == 0)
        for output in outputs {
            let messages = try output.split(separator: "\n").map { try ServerMessage(line: Array($0.utf8)) }
            guard case .hello(let hello)? = messages.first else {
                Issue.record("the first line is hello")
                continue
            }
            #expect(hello.proto == 1 && hello.model.labels == 24 && hello.model.input == [224, 224, 3])
            let sequence = messages.compactMap { if case .result(let result) = $0 { result.seq } else { nil } }
            #expect(!sequence.isEmpty)
            #expect(zip(sequence, sequence.dropFirst()).allSatisfy { $0 < $1 }, "\(sequence)")
            let states = messages.compactMap { if case .camera(let event) = $0 { event.state } else { nil } }
            #expect(states.last == .ended, "\(states)")
        }
    }

    @Test func `Every result reaches a subscriber that asks for every one`() throws {
        let daemon = try start("--source", "images:\(try pictures(40))", "--rate", "20")
        let outcome = try Program.run("subscribe", "--socket", socket, "--every", "--json", "--count", "10")
        #expect(outcome.status == 0)
        let results = try outcome.output.split(separator: "\n").map { try Program.object($0) }
            .filter { $0["type"] as? String == "result" }
        #expect(results.count == 10)
        let sequence = results.compactMap { $0["seq"] as? Int }
        #expect(sequence == Array(sequence[0]..<(sequence[0] + 10)))
        daemon.process.terminate()
        #expect(daemon.wait().status == 0)
    }

    @Test func `SIGTERM ends the daemon in under a second and removes its socket`() throws {
        let daemon = try start("--source", "scene:")
        let begin = ContinuousClock.now
        daemon.process.terminate()
        let outcome = daemon.wait()
        #expect(ContinuousClock.now - begin < .seconds(Program.patience))
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(!FileManager.default.fileExists(atPath: socket))
    }

    @Test func `A socket in use is told in one line, and the daemon on it lives on`() throws {
        let daemon = try start("--source", "scene:")
        let second = try Program.run("run", "--source", "scene:", "--model", Program.model, "--socket", socket)
        #expect(second.status == 69)
        #expect(second.lines.count == 1 && second.complaints.contains(socket), "\(second.complaints)")
        #expect(try Program.run("subscribe", "--socket", socket, "--every", "--count", "1").status == 0)
        daemon.process.terminate()
        #expect(daemon.wait().status == 0)
    }

    @Test func `Frames obey the conservation law, damaged ones included`() throws {
        let folder = try pictures(12)
        _ = try scratch.file("pictures/1005-damaged.jpg", Array(try Fixtures.grey().prefix(300)))
        _ = try scratch.file("pictures/1007-text.jpg", Array("text".utf8))
        let outcome = try Program.run(
            "run", "--source", "images:\(folder)", "--model", Program.model, "--socket", socket, "--rate", "max")
        #expect(outcome.status == 0)
        #expect(
            outcome.complaints.contains("14 frames captured, 12 inferred, skipped: 2 corrupt"), "\(outcome.complaints)")
    }

    @Test func `Results stop while nobody is subscribed and come at once when somebody is`() throws {
        let daemon = try start("--source", "scene:", "--rate", "10")
        // Some frames without anybody: the scenes come ten times a second.
        Thread.sleep(forTimeInterval: 0.8)
        #expect(try Program.run("subscribe", "--socket", socket, "--every", "--count", "2").status == 0)
        daemon.process.terminate()
        let log = daemon.wait().complaints
        #expect(log.contains("nobody"), "\(log)")
    }

    @Test func `status answers through plain socat`() throws {
        let daemon = try start("--source", "scene:")
        let asked = try Running(
            ["-t", "2", "-", "UNIX-CONNECT:\(socket)"], program: Fixtures.tool("socat"),
            input: Array("{\"op\":\"status\",\"id\":7}\n".utf8))
        Thread.sleep(forTimeInterval: 0.3)
        daemon.process.terminate()
        let lines = try asked.wait().output.split(separator: "\n").map { try Program.object($0) }
        let reply = try #require(lines.first { $0["type"] as? String == "reply" })
        #expect(reply["ok"] as? Bool == true && reply["id"] as? Int == 7)
        #expect(daemon.wait().status == 0)
    }
}
