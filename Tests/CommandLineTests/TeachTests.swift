import Capture
import Foundation
import Imaging
import Tensors
import Testing

/// `teach` from rendered scenes: pictures that every machine draws alike.
@Suite(.serialized) struct TeachTests {
    private let scratch: ScratchFolder
    private let data: String
    private let output: String

    init() throws {
        scratch = try ScratchFolder()
        (data, output) = (scratch.path + "/data", scratch.path + "/taught.safetensors")
        for (name, photos) in try TeachTests.photos.get() {
            try FileManager.default.createDirectory(atPath: "\(data)/\(name)", withIntermediateDirectories: true)
            for (number, photo) in photos.enumerated() {
                try Data(photo).write(to: URL(fileURLWithPath: "\(data)/\(name)/\(name)\(number).jpg"))
            }
        }
    }

    /// Six moments of three views, drawn once.
    private static let photos = Result {
        let source = try SceneSource(realtime: false, interruption: Interruption())
        var frame = Frame()
        return try source.viewNames.prefix(3).enumerated().map { index, name in
            let photos = try (0..<6).map { moment in
                source.draw(UInt64(index * 30 + moment * 4), into: &frame)
                return try JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height)
            }
            return (name: name, photos: photos)
        }
    }

    private func teach(_ more: String..., output: String? = nil) throws -> Program.Outcome {
        let arguments = ["teach", "--data", data, "--base", Program.model, "--output", output ?? self.output] + more
        return try Running(arguments).wait()
    }

    private var classes: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: data).sorted() } }

    @Test(.disabled(if: Program.isEmulated, "teaching takes an emulated CPU minutes"))
    func `New classes are told apart, in the same bytes every time, and the report says so`() throws {
        let page = scratch.path + "/report.html"
        let first = try teach("--json", "--report", page)
        #expect(first.status == 0, "\(first.complaints)")
        let report = try Program.object(first.output)
        let names = try classes
        #expect(report["labels"] as? [String] == names)
        #expect(report["few_shot"] as? Bool == true && report["images"] as? Int == 18)
        let accuracy = try #require(report["accuracy"] as? [String: Any])
        #expect((accuracy["top1"] as? Double ?? 0) > 0.8, "\(accuracy)")
        #expect((report["agreement"] as? Double ?? 0) > 0.9)
        #expect((report["nothing_called_unknown"] as? Double) != nil)
        let text = try String(contentsOfFile: page, encoding: .utf8)
        #expect(text.contains("Confusion") && text.contains("would help most") && !text.contains("<script"))
        let again = try teach("--json", "--threads", "1", output: scratch.path + "/again.safetensors")
        #expect(again.status == 0)
        let (one, other) = try (
            Data(contentsOf: URL(fileURLWithPath: output)),
            Data(contentsOf: URL(fileURLWithPath: scratch.path + "/again.safetensors"))
        )
        #expect(one == other)
        let told = try Program.run("teach", "--data", data, "--base", Program.model, "--output", output)
        #expect(told.output.contains("would help most") && told.output.contains("few-shot"))
    }

    @Test(.disabled(if: Program.isEmulated, "teaching takes an emulated CPU minutes"))
    func `The taught model gives the same answers under every CPU mask`() throws {
        let taught = try teach()
        #expect(taught.status == 0)
        let name = try classes[0]
        let photo = "\(data)/\(name)/\(name)0.jpg"
        var answers: Set<String> = []
        for mask in ["scalar", "sse4.1", "avx2", "avx-vnni", "avx512-vnni", "neon", "dotprod", "all"] {
            let outcome = try Program.run(
                "classify", "--model", output, "--cpu-mask", mask, "--top", "3", "--json", photo)
            guard outcome.status == 0 else { continue }
            let top = try Program.object(outcome.output)["top"]
            let text = try JSONSerialization.data(withJSONObject: try #require(top), options: .sortedKeys)
            answers.insert(String(decoding: text, as: UTF8.self))
        }
        #expect(answers.count == 1)
    }

    @Test func `A folder that cannot teach is told in one line`() throws {
        func refuse(_ status: Int32, _ words: String, _ prepare: () throws -> Void) throws {
            try prepare()
            let outcome = try teach()
            #expect(outcome.status == status && outcome.lines.count == 1, "\(outcome.complaints)")
            #expect(outcome.complaints.contains(words), "\(outcome.complaints)")
            #expect(!FileManager.default.fileExists(atPath: output))
        }
        let names = try classes
        try refuse(65, "is the same picture as") {
            try FileManager.default.copyItem(
                atPath: "\(data)/\(names[0])/\(names[0])0.jpg", toPath: "\(data)/\(names[1])/copy.jpg")
        }
        try FileManager.default.removeItem(atPath: "\(data)/\(names[1])/copy.jpg")
        try refuse(65, "holds no .jpg files; put photos of empty in") {
            try FileManager.default.createDirectory(atPath: "\(data)/empty", withIntermediateDirectories: true)
        }
        try FileManager.default.removeItem(atPath: "\(data)/empty")
        try refuse(65, "has 3 photos that can be used; a class needs at least 5") {
            for number in 3..<6 {
                try FileManager.default.removeItem(atPath: "\(data)/\(names[2])/\(names[2])\(number).jpg")
            }
        }
        try refuse(65, "the first that cannot") {
            for number in 3..<6 {
                try Data("no photo".utf8).write(
                    to: URL(fileURLWithPath: "\(data)/\(names[2])/\(names[2])\(number).jpg"))
            }
        }
        try refuse(65, "has only one class, \(names[0])") {
            for name in names.dropFirst() { try FileManager.default.removeItem(atPath: "\(data)/\(name)") }
        }
        try refuse(65, "holds photos but no folders") {
            try FileManager.default.moveItem(atPath: "\(data)/\(names[0])/\(names[0])0.jpg", toPath: "\(data)/a.jpg")
            try FileManager.default.removeItem(atPath: "\(data)/\(names[0])")
        }
        try refuse(66, "no such folder") { try FileManager.default.removeItem(atPath: data) }
    }

    @Test(.disabled(if: Program.isEmulated, "teaching takes an emulated CPU minutes"))
    func `Photos that look alike and have different labels are named`() throws {
        let names = try classes
        // The same scene, encoded anew: other bytes, nearly the same pixels.
        let (source, frame) = try view(200)
        _ = source
        let bytes = try JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height, coarse)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(data)/\(names[1])/alike.jpg"))
        let first = "\(data)/\(names[0])/alike.jpg"
        try Data(JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height)).write(
            to: URL(fileURLWithPath: first))
        let outcome = try teach("--json")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let findings = try #require(try Program.object(outcome.output)["findings"] as? [String])
        #expect(findings.contains { $0.contains("alike.jpg") && $0.contains("another label") }, "\(findings)")
    }

    private var coarse: JPEGEncoder.Options {
        var options = JPEGEncoder.Options()
        options.quality = 60
        return options
    }

    private func view(_ moment: UInt64) throws -> (SceneSource, Frame) {
        let source = try SceneSource(realtime: false, interruption: Interruption())
        var frame = Frame()
        source.draw(moment, into: &frame)
        return (source, frame)
    }

    @Test(.disabled(if: Program.isEmulated, "teaching takes an emulated CPU minutes"))
    func `A photo session on a terminal teaches what it was shown`() throws {
        // Python's pty plays the terminal.
        let script = """
            import os, pty, sys, time
            lines = [b"first\\n", b"\\n", b"second\\n", b"\\n", b"\\n"]
            pid, terminal = pty.fork()
            if pid == 0:
                os.execv(sys.argv[1], sys.argv[1:])
            said = b""
            while True:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:
                    break
                if not piece:
                    break
                said += piece
                if lines and (said.endswith(b": ")):
                    os.write(terminal, lines.pop(0))
                    said += b" "
            sys.stdout.write(said.decode())
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """
        let film = scratch.path + "/film"
        try FileManager.default.createDirectory(atPath: film, withIntermediateDirectories: true)
        for moment in 0..<12 {
            let (_, frame) = try view(UInt64(moment < 6 ? moment * 4 : 60 + moment * 4))
            let bytes = try JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height)
            try Data(bytes).write(to: URL(fileURLWithPath: String(format: "%@/%02d.jpg", film, moment)))
        }
        let folder = scratch.path + "/session"
        let outcome = try Running(
            [
                "-c", script, Program.path, "teach", "--interactive", "--data", folder, "--base", Program.model,
                "--output",
                output, "--source", "images:\(film)", "--photos", "6",
            ], program: Fixtures.tool("python3")
        ).wait()
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.complaints)")
        #expect(outcome.output.contains("first: 6 photos") && outcome.output.contains("2 classes, 12 photos"))
        #expect(FileManager.default.fileExists(atPath: output))
        let alone = try Running(["teach", "--interactive", "--data", folder, "--output", output]).wait()
        #expect(alone.status == 64 && alone.complaints.contains("asks at a terminal"))
    }

    @Test func `Collecting keeps what is new and nothing twice`() throws {
        let film = scratch.path + "/film"
        try FileManager.default.createDirectory(atPath: film, withIntermediateDirectories: true)
        // Each of three views four times, then the first again.
        for (place, moment) in [0, 0, 0, 0, 60, 60, 60, 60, 120, 120, 120, 120, 0, 0].enumerated() {
            let (_, frame) = try view(UInt64(moment))
            let bytes = try JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height)
            try Data(bytes).write(to: URL(fileURLWithPath: String(format: "%@/%02d.jpg", film, place)))
        }
        let kept = scratch.path + "/kept"
        // What one that was killed left: a line, and half of one.
        try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
        _ = try scratch.file("kept/collected.ndjson", Array("{\"file\":\"before.jpg\"}\n{\"file\":\"kep".utf8))
        let outcome = try Program.run(
            "collect", "--count", "10", "--output", kept, "--source", "images:\(film)", "--model", Program.model,
            "--json")
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let lines = try outcome.output.split(separator: "\n").map { try Program.object($0) }
        #expect(lines.count == 3, "\(outcome.output)")
        for line in lines {
            let file = try #require(line["file"] as? String)
            #expect(FileManager.default.fileExists(atPath: file) && line["reason"] as? String == "new scene")
        }
        let notes = try String(contentsOfFile: kept + "/collected.ndjson", encoding: .utf8)
        let files = try notes.split(separator: "\n").map { try Program.object($0)["file"] as? String }
        #expect(files == ["before.jpg"] + lines.map { $0["file"] as? String })
        let one = try Program.run(
            "collect", "--count", "1", "--output", scratch.path + "/one", "--source", "images:\(film)", "--model",
            Program.model)
        #expect(one.status == 0 && one.output.split(separator: "\n").count == 1)
        // Pictures of a home, and when they were taken, are their owner's.
        let own = try FileManager.default.subpathsOfDirectory(atPath: scratch.path + "/one")
        #expect(own.count == 3)
        for name in own + [""] {
            let path = "\(scratch.path)/one/\(name)"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode.map { $0.intValue & 0o077 } == 0, "\(path)")
        }
        let gone = try Program.run("collect", "--count", "1", "--output", kept, "--source", "images:/nowhere")
        #expect(gone.status == 66)
    }

    @Test func `Collecting takes frames of the daemon that holds the camera`() throws {
        let socket = scratch.path + "/socket"
        let daemon = try Fixtures.daemon(on: socket, ["--source", "scene:", "--picture", "on", "--rate", "20"])
        let kept = scratch.path + "/from-daemon"
        let outcome = try Program.run(
            "collect", "--count", "2", "--output", kept, "--source", "daemon:\(socket)", "--rate", "20", "--json",
            "--model", Program.model)
        #expect(outcome.status == 0, "\(outcome.complaints)")
        let lines = try outcome.output.split(separator: "\n").map { try Program.object($0) }
        #expect(lines.count == 2 && lines.allSatisfy { $0["source"] as? String == "daemon:\(socket)" })
        for line in lines {
            let jpeg = try Data(contentsOf: URL(fileURLWithPath: try #require(line["file"] as? String)))
            #expect(jpeg.prefix(2) == Data([0xFF, 0xD8]) && jpeg.count <= 48_000)
        }
        daemon.process.terminate()
        #expect(daemon.wait().status == 0)
        let gone = try Program.run("collect", "--count", "1", "--output", kept, "--source", "daemon:\(socket)")
        #expect(gone.status == 69 && gone.complaints.contains(socket))
        let shy = try Fixtures.daemon(on: socket, ["--source", "scene:"])
        let refused = try Program.run("collect", "--count", "1", "--output", kept, "--source", "daemon:\(socket)")
        #expect(refused.status == 77 && refused.complaints.contains("pictures are off"), "\(refused.complaints)")
        shy.process.terminate()
        #expect(shy.wait().status == 0)
    }
}
