import Foundation
import Testing

/// Where the tests are root for sure (`TARSIER_REQUIRE_ROOT`, set in CI) these run, and fail for anybody else.
private let isToRun = geteuid() == 0 || ProcessInfo.processInfo.environment["TARSIER_REQUIRE_ROOT"] != nil

/// Who may do what through the socket, tried by another user of the machine.
@Suite(.serialized, .enabled(if: isToRun, "skipped: only root can become another user"))
struct AccessTests {
    private let scratch: ScratchFolder
    private var socket: String { scratch.path + "/s" }

    init() throws {
        try #require(geteuid() == 0, "TARSIER_REQUIRE_ROOT is set, and only root can become another user")
        scratch = try ScratchFolder()
    }

    /// What the daemon answers to requests of a user who is neither root nor its own.
    private func ask(_ requests: [String], group: Int) throws -> Program.Outcome {
        try Running(
            [
                "--reuid=65534", "--regid=\(group)", "--clear-groups", Fixtures.tool("socat"), "-t", "3", "-",
                "UNIX-CONNECT:\(socket)",
            ], program: Fixtures.tool("setpriv"), input: Array(requests.map { $0 + "\n" }.joined().utf8)
        ).wait()
    }

    @Test func `A member of the socket's group may look and change nothing, a stranger may not connect`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "5"])
        defer { daemon.stop() }
        let changes = [
            #"{"op":"set","id":1,"values":{"rate":1}}"#, #"{"op":"model","id":2,"do":"set","path":"/etc/passwd"}"#,
            #"{"op":"model","id":3,"do":"rollback"}"#, #"{"op":"model","id":4,"do":"shadow","path":"/etc/passwd"}"#,
            #"{"op":"picture","id":5}"#,
        ]
        // Nothing but replies: socat stays as long as something comes.
        let quiet = #"{"op":"subscribe","id":8,"events":["camera"]}"#
        let looks = [#"{"op":"status","id":6}"#, #"{"op":"labels","id":7}"#]
        let member = try ask([quiet] + changes + looks, group: 0)
        let replies = try member.output.split(separator: "\n").map { try Program.object($0) }
            .filter { $0["type"] as? String == "reply" }
        #expect(replies.count == 8, "\(member.output)")
        for reply in replies {
            let isLook = (reply["id"] as? Int ?? 0) >= 6
            #expect(reply["ok"] as? Bool == isLook, "\(reply)")
            if isLook { continue }
            #expect((reply["error"] as? [String: Any])?["code"] as? String == "forbidden", "\(reply)")
        }
        let stranger = try ask([#"{"op":"ping","id":1}"#], group: 65534)
        #expect(stranger.status != 0 && stranger.output.isEmpty)
        #expect(stranger.complaints.contains("Permission denied"), "\(stranger.complaints)")
    }

    @Test func `The daemon opens no socket but its own, and no file`() throws {
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--rate", "20"])
        defer { daemon.stop() }
        #expect(
            try Program.run("subscribe", "--socket", socket, "--every", "--count", "\(Program.times(20, emulated: 5))")
                .status == 0)
        let process = "/proc/\(daemon.process.processIdentifier)"
        let open = try FileManager.default.contentsOfDirectory(atPath: process + "/fd").compactMap { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(process)/fd/\(name)")).map { (name, $0) }
        }
        #expect(!open.isEmpty)
        for (name, target) in open where Int(name) ?? 0 > 2 {
            let isHarmless =
                ["socket:", "anon_inode:", "pipe:"].contains { target.hasPrefix($0) } || target == "/dev/null"
            #expect(isHarmless, "descriptor \(name) is \(target)")
        }
        // Of the kinds with an address in a network there is none.
        let sockets = Set(open.map(\.1).filter { $0.hasPrefix("socket:") }.map { String($0.dropFirst(8).dropLast()) })
        for kind in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet"] {
            let table = (try? String(contentsOfFile: "\(process)/net/\(kind)", encoding: .utf8)) ?? ""
            let found = table.split(separator: "\n").filter { line in
                line.split(separator: " ").contains { sockets.contains(String($0)) }
            }
            #expect(found.isEmpty, "\(kind): \(found)")
        }
    }

    @Test(.disabled(if: Program.isSanitized, "the thread sanitizer makes files of its own"))
    func `Pictures are handed to who may have them, and written nowhere`() throws {
        // Wherever a program writes by itself is in one folder; and a byte in any file would be refused with EFBIG.
        let places = ["HOME", "TMPDIR", "STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY"]
        let users = ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
        let daemon = try Running(
            [
                "-c", "cd \"$0\" && ulimit -f 0 && exec \"$@\"", scratch.path, Program.path, "run", "--model",
                Program.model,
                "--socket", socket, "--source", "scene:", "--rate", "20", "--picture", "on",
            ], program: "/bin/sh",
            environment: Dictionary(uniqueKeysWithValues: (places + users).map { ($0, scratch.path) }))
        defer { daemon.process.terminate() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let reader = try Running(["subscribe", "--socket", socket, "--every", "--json"])
        defer { reader.stop() }
        // Results keep the camera open, and every picture is of another frame.
        var frames: Set<Int> = []
        for _ in 0..<Program.times(5, emulated: 2) {
            let answer = try ask([#"{"op":"subscribe","events":[]}"#, #"{"op":"picture","id":1}"#], group: 0)
            let lines = try answer.output.split(separator: "\n").map { try Program.object($0) }
            let reply = try #require(lines.first { $0["id"] as? Int == 1 }, "\(answer.output) \(answer.complaints)")
            let picture = try #require(reply["picture"] as? [String: Any], "\(reply)")
            #expect((picture["jpeg"] as? String)?.isEmpty == false)
            if let frame = picture["frame"] as? Int { frames.insert(frame) }
        }
        #expect(frames.count == Program.times(5, emulated: 2))
        #expect(try FileManager.default.subpathsOfDirectory(atPath: scratch.path) == ["s"])
        let outcome = daemon.stop()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(try FileManager.default.subpathsOfDirectory(atPath: scratch.path) == [])
    }
}
