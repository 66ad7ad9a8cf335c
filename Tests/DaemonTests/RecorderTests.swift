import Foundation
import Synchronization
import Testing
import Wire

@testable import Daemon

/// What `tarsier record` leaves on disk, whatever the clock says and whoever takes segments away.
@Suite struct RecorderTests {
    private let scratch = Scratch()
    private var spool: String { scratch.path + "/spool" }

    static let hello =
        #"{"type":"hello","proto":1,"version":"1","run":"r","state_seq":3,"model":{"name":"x","sha256":"ab","labels":2,"#
        + #""input":[224,224,3]},"camera":{"id":"c","state":"ok"}}"#

    /// The names of the segments, oldest first, as a shell lists them.
    private func segments() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: spool).filter { $0.hasSuffix(".ndjson") }.sorted()
    }

    /// Runs a recorder that closes so many segments.
    /// - Returns: the paths it named, and those it dropped.
    @discardableResult
    private func record(_ count: Int, limitBytes: Int = 1 << 20) async throws -> (named: [String], dropped: [String]) {
        let told = Mutex<(named: [String], dropped: [String])>(([], []))
        let recorder = try Recorder(
            spool: spool, segmentSeconds: 0, limitBytes: limitBytes,
            note: { text in told.withLock { $0.dropped.append(text) } },
            whenClosed: { path in told.withLock { $0.named.append(path) } })
        for number in 0..<count {
            if number == 0 { try await recorder.add(ServerMessage(line: Array(RecorderTests.hello.utf8))) }
            try await recorder.add(.gap(Gap(dropped: UInt64(number))))
            try await recorder.tick()
        }
        try await recorder.finish()
        return told.withLock { $0 }
    }

    @Test func `A clock that was ahead, or in 1970, makes no new segment the oldest`() async throws {
        let large = [UInt8](repeating: 0x20, count: 1_100_000)
        for old in ["9999999999999-1.ndjson", "95000-1.ndjson", "other.ndjson"] {
            try scratch.file("spool/\(old)", large)
            let told = try await record(3)
            #expect(told.named.count == 3 && told.dropped.count == 1)
            #expect(told.dropped.first?.contains(old) == true)
            for path in told.named { #expect(FileManager.default.fileExists(atPath: path), "\(path) is not lost") }
        }
        #expect(try segments() == (1...9).map { "segment-00000000000\($0).ndjson" })
    }

    @Test func `Segments named by the clock are older, by number and not by letter`() {
        let names = ["segment-000000000010.ndjson", "1795000000000-1.ndjson", "95000-2.ndjson", "95000-1.ndjson"]
        let sorted = (names + ["segment-000000000009.ndjson", "place", ".part"]).compactMap { SegmentName($0) }.sorted()
        #expect(
            sorted.map(\.text) == [
                "95000-1.ndjson", "95000-2.ndjson", "1795000000000-1.ndjson", "segment-000000000009.ndjson",
                "segment-000000000010.ndjson",
            ])
        #expect(sorted.map(\.number) == [0, 0, 0, 9, 10])
    }

    @Test func `A number comes once, also when the segments were taken away`() async throws {
        try await record(2)
        for name in try segments() { try FileManager.default.removeItem(atPath: "\(spool)/\(name)") }
        try await record(1)
        #expect(try segments() == ["segment-000000000003.ndjson"])
        // Nor does it need what the recorder before remembered.
        try FileManager.default.removeItem(atPath: spool + "/place")
        try await record(1)
        #expect(try segments() == ["segment-000000000003.ndjson", "segment-000000000004.ndjson"])
    }

    @Test func `The newest segment stays, also when it alone is too large`() async throws {
        let told = try await record(2, limitBytes: 1)
        #expect(try segments() == ["segment-000000000002.ndjson"])
        #expect(told.dropped.count == 1 && told.named.last?.hasSuffix("2.ndjson") == true)
    }

    @Test func `Where the state events stand is remembered, also by the version before`() async throws {
        try await record(1)
        func place() throws -> Subscription.Resume? {
            var folder = SpoolFolder(path: spool, limitBytes: 1, note: { _ in })
            try folder.open()
            return folder.place
        }
        #expect(try place() == Subscription.Resume(run: "r", stateSeq: 3))
        try scratch.file("spool/place", Array("older\n7\n".utf8))
        #expect(try place() == Subscription.Resume(run: "older", stateSeq: 7))
    }

    // MARK: a file

    private static let half = #"{"type":"camera","sta"#
    private static let camera = #"{"type":"camera","state_seq":4,"state":"lost","cause":"x"}"#

    /// Lets a recorder add a `hello` and an event to a file.
    /// - Returns: the lines of the file.
    private func goOn(_ file: String) async throws -> [String] {
        let recorder = try Recorder(file: file)
        for line in [RecorderTests.hello, RecorderTests.camera] {
            try await recorder.add(ServerMessage(line: Array(line.utf8)))
        }
        try await recorder.finish()
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    @Test(arguments: [half, "{", String(repeating: "\0", count: 50), half + "\0\0"])
    func `A recorder that goes on after one that was killed leaves whole lines alone`(rest: String) async throws {
        let begin = "\(RecorderTests.hello)\n\(RecorderTests.camera)\n"
        let file = try scratch.file("day.ndjson", Array((begin + rest).utf8))
        let lines = try await goOn(file)
        #expect(lines.count == 4)
        for line in lines { _ = try ServerMessage(line: Array(line.utf8)) }
        #expect(try Recording(readingFrom: file).entries.count == 2)
        let alone = try scratch.file("half.ndjson", Array(rest.utf8))
        #expect(try await goOn(alone).count == 2)
    }

    @Test(arguments: [camera, "my notes", "{" + String(repeating: "x", count: 70_000)])
    func `What is no half of a message is never cut from a file`(rest: String) async throws {
        let file = try scratch.file("day.ndjson", Array(rest.utf8))
        let lines = try await goOn(file)
        #expect(lines.count == 3 && lines[0] == rest)
    }

    @Test func `A recording with half a line where the next recorder went on can be read`() throws {
        let (hello, camera, half) = (RecorderTests.hello, RecorderTests.camera, RecorderTests.half)
        func count(_ lines: String...) throws -> Int {
            let text = lines.joined(separator: "\n") + "\n"
            return try Recording(readingFrom: scratch.file("day.ndjson", Array(text.utf8))).entries.count
        }
        #expect(try count(half, hello, camera) == 1)
        #expect(try count(hello, camera, half, hello, camera, half, hello, camera) == 3)
        for damaged in [
            [hello, half, camera], [half, half, hello, camera], [hello, camera, "nonsense", hello, camera],
            [hello, #"{"type":"camera"}"#, hello, camera],
        ] {
            let file = try scratch.file("bad.ndjson", Array((damaged.joined(separator: "\n") + "\n").utf8))
            let failure = #expect(throws: Failure.self) { try Recording(readingFrom: file) }
            #expect(failure?.code == .badData && failure?.message.contains("line ") == true)
        }
    }
}

/// A folder that goes with the test.
private final class Scratch: Sendable {
    let path = NSTemporaryDirectory() + "tarsier-recorder-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, and the folders it lies in.
    @discardableResult
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }
}
