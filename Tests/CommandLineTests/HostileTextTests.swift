import Foundation
import Testing

/// Words of others, what a camera calls itself or a stream says in its header, reach people's terminals and the journal: what
/// those would obey is shown, not sent.
@Suite(.timeLimit(.minutes(2))) struct HostileTextTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) }
    }

    @Test func `The header of a stream cannot write on the terminal`() throws {
        let outcome = try Program.run(
            "run", "--model", Program.model, "--socket", scratch.path + "/s", "--source", "y4m:-",
            input: Array("YUV4MPEG2 W0 H0 X\u{1b}]0;mine\u{7}\u{9b}2J\r<0>kernel: fine\n".utf8))
        #expect(outcome.status == 65)
        #expect(isHarmless(outcome.complaints), "\(outcome.complaints.debugDescription)")
        let shown = #"X\u001b]0;mine\u0007\u009b2J\u000d<0>kernel: fine"#
        #expect(outcome.complaints.contains(shown), "\(outcome.complaints)")
    }

    @Test func `A file's name cannot begin a line of its own`() throws {
        let outcome = try Program.run("classify", "--model", scratch.path + "/a\n<0>kernel: fine", "photo.jpg")
        #expect(outcome.status == 66 && outcome.lines.count == 1, "\(outcome.complaints)")
        let photo = try Program.run("classify", "--model", Program.model, scratch.path + "/a\n<0>kernel: fine.jpg")
        #expect(photo.status == 66 && photo.lines.count == 1, "\(photo.complaints)")
        let usage = try Program.run("bench", "--runs", "\u{1b}[31m")
        #expect(usage.status == 64 && isHarmless(usage.complaints), "\(usage.complaints.debugDescription)")
    }

    @Test func `What a camera calls itself cannot either`() throws {
        // As it comes from the socket, where JSON hides it.
        let event = #"{"type":"camera","state":"lost","cause":"card \u001b[2J\u009b31m\u007f\nforged"}"#
        let file = try scratch.file("day.ndjson", Array((event + "\n").utf8))
        let socket = scratch.path + "/s"
        let player = try Running(["replay", file, "--socket", socket, "--wait", "--loop"])
        defer { player.stop() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        let client = try Running(["subscribe", "--socket", socket, "--every"])
        defer { client.stop() }
        let line = try #require(client.line())
        let shown = #"card \u001b[2J\u009b31m\u007f\u000aforged"#
        #expect(isHarmless(line) && line.contains(shown), "\(line.debugDescription)")
    }
}
