import Foundation
import Testing

/// System calls that fail, descriptors that run out, clocks that jump, processes that are stopped: nothing is lost, nothing
/// hangs, and what cannot be done is said in one line.
@Suite(.serialized, .timeLimit(.minutes(10))) struct FaultTests {
    private let scratch: ScratchFolder
    private var socket: String { scratch.path + "/s" }

    init() throws { scratch = try ScratchFolder() }

    /// The program with faults of `Tests/CSystemFaults`.
    private func run(_ faults: String, _ arguments: [String]) throws -> Running {
        let library = try Program.besideTests("libSystemFaults.so")
        // Beside what a sanitizer needs there.
        let others = ProcessInfo.processInfo.environment["LD_PRELOAD"].map { ":" + $0 } ?? ""
        return try Running(
            ["LD_PRELOAD=\(library)\(others)", "TARSIER_FAULTS=\(faults)", Program.path] + arguments,
            program: "/usr/bin/env")
    }

    /// How many faults there were, and all other lines.
    private func faults(_ outcome: Program.Outcome) throws -> (count: Int, lines: [Substring]) {
        let line = try #require(outcome.lines.last { $0.hasPrefix("faults: ") }, "\(outcome.complaints)")
        return (try #require(Int(line.dropFirst("faults: ".count))), outcome.lines.filter { !$0.hasPrefix("faults: ") })
    }

    private func results(_ count: Int) throws -> [[String: Any]] {
        let outcome = try Program.run("subscribe", "--socket", socket, "--every", "--count", "\(count)", "--json")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        return try outcome.output.split(separator: "\n").map { try Program.object($0) }.filter {
            $0["type"] as? String == "result"
        }
    }

    @Test(
        .disabled(if: Program.isEmulated, "a float network takes an emulated CPU minutes"),
        arguments: ["enospc=100000", "efsync"])
    func `A full or failing disk leaves the old model and nothing beside it`(fault: String) throws {
        let photos = scratch.path + "/photos"
        _ = try SampleSet.render(1, into: photos)
        let model = try scratch.file("old.safetensors", [1, 2, 3])
        let outcome = try run(
            fault,
            ["quantize", "--calib", photos, "--weights", Program.weights, "--output", model, "--method", "min-max"]
        ).wait()
        let (count, lines) = try faults(outcome)
        #expect(count > 0)
        #expect(outcome.status == 74, "\(outcome.complaints)")
        #expect(lines.last?.contains(model) == true, "\(outcome.complaints)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: model)) == Data([1, 2, 3]))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted() == ["old.safetensors", "photos"])
    }

    @Test func `A file is synced, renamed and its folder synced, in this order`() throws {
        let drawing = scratch.path + "/plan.svg"
        let outcome = try run("tell", ["inspect", "plan", Program.model, "--svg", drawing]).wait()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let calls = outcome.lines.filter { $0.hasPrefix("call: ") }.map { $0.dropFirst("call: ".count) }
        let temporary = try #require(calls.first?.dropFirst("fsync ".count))
        #expect(temporary.hasPrefix(scratch.path + "/.tarsier-"), "beside the file")
        #expect(calls == ["fsync \(temporary)", "rename \(temporary) \(drawing)", "fsync \(scratch.path)"])
    }

    @Test func `A folder that cannot be synced is told as what it is: the new file is in place`() throws {
        let drawing = try scratch.file("plan.svg", [1, 2, 3])
        let outcome = try run("efolder", ["inspect", "plan", Program.model, "--svg", drawing]).wait()
        let (count, lines) = try faults(outcome)
        #expect(count == 1 && outcome.status == 74, "\(outcome.complaints)")
        #expect(
            lines.last?.hasSuffix(
                "\(drawing): fsync: Input/output error; the new file is in place, but a power cut may still bring the old one back"
            ) == true, "\(outcome.complaints)")
        #expect(try String(contentsOfFile: drawing, encoding: .utf8).hasSuffix("</svg>\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["plan.svg"])
    }

    @Test(arguments: ["short", "eintr=3", "short eintr=2", "clock=86400", "clock=-86400"])
    func `Interrupted calls, short ones and a clock that jumps change no result`(fault: String) throws {
        let start = ContinuousClock.now
        let daemon = try run(
            fault, ["run", "--model", Program.model, "--source", "scene:", "--rate", "20", "--socket", socket])
        defer { daemon.process.terminate() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let count = Program.times(30, emulated: 5)
        let results = try results(count)
        #expect(results.count == count)
        let numbers = results.compactMap { $0["seq"] as? Int }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, "\(numbers)")
        #expect(results.allSatisfy { ($0["top"] as? [Any])?.isEmpty == false })
        try expectSteadyTime(results, sinceStart: ContinuousClock.now - start)
        let outcome = daemon.stop()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(try faults(outcome).count > 0)
    }

    /// What is measured must make sense whatever the wall clock does: at 20 a second, as asked for.
    private func expectSteadyTime(_ results: [[String: Any]], sinceStart: Duration) throws {
        let limitMs = Double(sinceStart.components.seconds + 1) * 1000
        let times = results.compactMap { $0["mono_ns"] as? Int }
        #expect(times.count == results.count)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 }, "\(times)")
        let spanMs = Double((times.last ?? 0) - (times.first ?? 0)) / 1e6
        // Frames of the scene lie on a grid of their own: one interval may be short.
        #expect(spanMs >= 50 * Double(times.count - 2) && spanMs < limitMs, "\(times.count) results in \(spanMs) ms")
        for result in results {
            let figures = try #require(result["ms"] as? [String: Double], "\(result)")
            #expect(Set(figures.keys) == ["age", "decode", "prepare", "infer"])
            #expect(figures.values.allSatisfy { $0 >= 0 && $0 < limitMs }, "\(figures)")
        }
        let status = try Program.object(try Program.run("status", "--json", "--socket", socket).output)
        let uptimeMs = try #require(status["uptime_ms"] as? Double, "\(status)")
        #expect(uptimeMs >= spanMs && uptimeMs < limitMs + 60_000 * Program.patience, "up for \(uptimeMs) ms")
        #expect((status["power"] as? [String: Any])?["rate"] as? Double == 20, "\(status)")
    }

    @Test func `A client whose calls are short and interrupted reads the same`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "20"])
        defer { daemon.stop() }
        let outcome = try run(
            "short eintr=2",
            ["subscribe", "--socket", socket, "--every", "--count", "\(Program.times(20, emulated: 5))", "--json"]
        ).wait()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count >= Program.times(20, emulated: 5))
        for line in lines { _ = try Program.object(line) }
        #expect(try faults(outcome).count > 0)
    }

    @Test func `Descriptors that run out keep new clients waiting, not those that are served`() throws {
        let daemon = try Running(
            [
                "-c", "ulimit -n 40; exec \"$0\" \"$@\"", Program.path, "run", "--model", Program.model, "--source",
                "scene:",
                "--rate", "20", "--socket", socket, "--max-clients", "200",
            ], program: "/bin/sh")
        defer { daemon.process.terminate() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let first = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        defer { first.stop() }
        _ = first.line()
        let crowd = try (0..<60).map { _ in try connection() }
        let process = "/proc/\(daemon.process.processIdentifier)"
        #expect(try Fixtures.eventually { try hasRunOut(process) }, "there is a descriptor left")
        let (before, start) = (try serverSeconds(process), ContinuousClock.now)
        for _ in 0..<Program.times(40, emulated: 10) { #expect(first.line() != nil, "the first client goes on") }
        let (used, passed) = (try serverSeconds(process) - before, ContinuousClock.now - start)
        #expect(try hasRunOut(process))
        #expect(.seconds(used) < passed * 0.2, "\(used) s of CPU time in \(passed), for clients that wait")
        for client in crowd { try client.close() }
        #expect(try results(5).count == 5, "a new client is served again")
        #expect(daemon.process.isRunning)
    }

    /// Whether all 40 are in use; what it inherited beyond them does not count.
    private func hasRunOut(_ process: String) throws -> Bool {
        let open = Set(try FileManager.default.contentsOfDirectory(atPath: process + "/fd").compactMap { Int($0) })
        return open.isSuperset(of: 0..<40)
    }

    /// A client that is told little, and reads nothing of it.
    private func connection() throws -> FileHandle {
        let client = FileHandle(
            fileDescriptor: Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), closeOnDealloc: true)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socket.utf8) }
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client.fileDescriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(outcome == 0, "errno \(errno)")
        return client
    }

    /// What the threads of the socket have used of CPUs, in seconds: fields 14 and 15 of proc_pid_stat(5).
    private func serverSeconds(_ process: String) throws -> Double {
        var ticks = 0.0
        for thread in try FileManager.default.contentsOfDirectory(atPath: process + "/task") {
            let text = try String(contentsOfFile: "\(process)/task/\(thread)/stat", encoding: .utf8)
            guard text.contains("(NIO-ELT") else { continue }
            let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
            ticks += try #require(Double(fields[12])) + #require(Double(fields[13]))
        }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    @Test func `Stopped and continued, the daemon goes on`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "20"])
        let client = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        defer { client.stop() }
        for _ in 0..<10 { _ = client.line() }
        for _ in 0..<3 {
            kill(daemon.process.processIdentifier, SIGSTOP)
            Thread.sleep(forTimeInterval: 0.4)
            kill(daemon.process.processIdentifier, SIGCONT)
            for _ in 0..<Program.times(10, emulated: 5) { #expect(client.line() != nil) }
        }
        let status = try Program.object(try Program.run("status", "--json", "--socket", socket).output)
        let frames = try #require(status["frames"] as? [String: Any])
        let skipped = try #require(frames["skipped"] as? [String: Int]).values.reduce(0, +)
        let (captured, inferred) = (frames["captured"] as? Int ?? 0, frames["inferred"] as? Int ?? 0)
        // One may wait and one be at work.
        #expect((0...2).contains(captured - inferred - skipped), "\(frames)")
        #expect(daemon.stop().status == 0)
    }

    @Test(arguments: ["cut short", "overwritten", "gone", "replaced by another"])
    func `What becomes of the model's file changes nothing until a reload`(kind: String) throws {
        let whole = Array(try Data(contentsOf: URL(fileURLWithPath: Program.model)))
        let model = try scratch.file("model.safetensors", whole)
        let daemon = try Running(
            ["run", "--model", model, "--socket", socket, "--source", "scene:", "--rate", "20"])
        defer { daemon.process.terminate() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let more = Program.times(10, emulated: 5)
        _ = try results(3)
        let file = try #require(FileHandle(forWritingAtPath: model))
        switch kind {
        case "cut short": try file.truncate(atOffset: 1000)
        case "overwritten": try file.write(contentsOf: [UInt8](repeating: 0x5A, count: whole.count))
        case "gone": try FileManager.default.removeItem(atPath: model)
        default: try Data([1, 2, 3]).write(to: URL(fileURLWithPath: model), options: .atomic)
        }
        #expect(try results(more).count == more)
        // Nor then: what cannot be read is not taken over.
        kill(daemon.process.processIdentifier, SIGHUP)
        #expect(try results(more).count == more)
        let outcome = daemon.stop()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.complaints.contains("not reloaded, going on as before"), "\(outcome.complaints)")
    }

    @Test func `A read-only folder takes no socket: one line and the code of no permission`() throws {
        let outcome = try run(
            "erofs", ["run", "--model", Program.model, "--source", "scene:", "--socket", socket]
        ).wait()
        #expect(outcome.status == 77, "\(outcome.complaints)")
        let (count, lines) = try faults(outcome)
        #expect(count > 0)
        #expect(lines.last?.contains("cannot create a socket in \(scratch.path): it is read-only") == true, "\(lines)")
    }

    @Test(arguments: [["efsync", "spool"], ["enospc=3000", "spool"], ["enospc=3000", "file"]])
    func `A recorder that cannot keep what comes ends with one line`(fault: [String]) throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "20"])
        defer { daemon.stop() }
        let place = scratch.path + "/kept"
        let arguments =
            ["record", "--socket", socket, "--every"]
            + (fault[1] == "spool" ? ["--spool", place, "--segment-seconds", "0.5"] : [place])
        let outcome = try run(fault[0], arguments).wait()
        let (count, lines) = try faults(outcome)
        #expect(count > 0)
        #expect(outcome.status == 74 && lines.count == 1, "\(outcome)")
        #expect(lines.last?.contains(place) == true, "\(outcome.complaints)")
        // With room again the next one goes on: nothing that was kept is lost, and no line is half.
        #expect(try Running(arguments + ["--count", "2"]).wait().status == 0)
        let files =
            fault[1] == "file"
            ? [place] : try FileManager.default.contentsOfDirectory(atPath: place).filter { $0 != "place" }.sorted()
        let kept = try files.flatMap { name in
            let text = try String(contentsOfFile: name == place ? place : "\(place)/\(name)", encoding: .utf8)
            return try text.split(separator: "\n").map { try Program.object($0) }
        }
        #expect(kept.count { $0["type"] as? String == "hello" } == 2, "\(files)")
        #expect(kept.count { $0["type"] as? String == "result" } >= 2, "\(files)")
    }

    @Test(arguments: ["efsync", "efolder"])
    func `What a killed recorder left is on the disk, under its name, before it is told of`(fault: String) throws {
        let spool = scratch.path + "/spool"
        try FileManager.default.createDirectory(atPath: spool, withIntermediateDirectories: true)
        let rest = #"{"type":"gap","dropped":7}"# + "\n"
        let part = try scratch.file("spool/.part", Array((rest + #"{"type":"ga"#).utf8))
        // Comes to this before it looks for a daemon; there is none.
        let outcome = try run(fault, ["record", "--socket", socket, "--spool", spool]).wait()
        #expect(try faults(outcome).count == 1)
        #expect(outcome.status == 74 && outcome.output.isEmpty, "\(outcome)")
        #expect(outcome.complaints.contains("\(spool): fsync") || outcome.complaints.contains("\(part): fsync"))
    }

    @Test(
        .disabled(
            if: Program.isSanitized || Program.isEmulated, "a sanitizer and an emulator need addresses of their own"),
        arguments: [45_000, 60_000, 80_000, 150_000, 262_143])
    func `Too few addresses for its threads end a command with a line, and it never hangs`(kibibytes: Int) throws {
        for arguments in [["run", "--source", "scene:", "--socket", socket], ["classify", "none.jpg"]] {
            let outcome = try limited(kibibytes, arguments).wait()
            #expect(outcome.status == 69, "\(outcome.complaints)")
            #expect(outcome.lines.count == 1 && outcome.complaints.contains("ulimit -v"), "\(outcome.complaints)")
        }
    }

    @Test(
        .disabled(
            if: Program.isSanitized || Program.isEmulated, "a sanitizer and an emulator need addresses of their own"))
    func `With as many addresses as it asks for, the answer is the same and the daemon serves`() throws {
        let picture = try scratch.file("grey.jpg", Fixtures.grey())
        let right = try Program.run("classify", "--model", Program.model, "--json", picture)
        let outcome = try limited(262_144, ["classify", "--model", Program.model, "--json", picture]).wait()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(try answers(outcome) == answers(right))
        #expect(try answers(right).count == 3)
        let daemon = try limited(
            262_144, ["run", "--model", Program.model, "--source", "scene:", "--rate", "20", "--socket", socket])
        defer { daemon.process.terminate() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        #expect(try results(5).count == 5)
    }

    private func limited(_ kibibytes: Int, _ arguments: [String]) throws -> Running {
        try Running(
            ["-c", "ulimit -v \(kibibytes); exec \"$0\" \"$@\"", Program.path] + arguments, program: "/bin/sh")
    }

    /// Labels with their scores, in order.
    private func answers(_ outcome: Program.Outcome) throws -> [String] {
        let top = try #require(try Program.object(outcome.output)["top"] as? [[String: Any]])
        return top.map { "\($0["label"] ?? "") \($0["score"] ?? "")" }
    }
}
