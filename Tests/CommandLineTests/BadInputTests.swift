import Foundation
import Testing

/// Whatever is wrong with the input: one line that names the thing, and the documented exit code.
@Suite struct BadInputTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func expect(
        _ outcome: Program.Outcome, status: Int32, naming name: String, location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == status, "\(outcome.complaints)", sourceLocation: location)
        #expect(outcome.lines.count == 1, "one line: \(outcome.complaints)", sourceLocation: location)
        #expect(outcome.complaints.contains(name), "names \(name): \(outcome.complaints)", sourceLocation: location)
        #expect(outcome.output.isEmpty, "nothing on stdout", sourceLocation: location)
    }

    @Test func `A missing model is no input`() throws {
        let path = scratch.path + "/missing.safetensors"
        expect(try Program.run("classify", "--model", path, "photo.jpg"), status: 66, naming: path)
        expect(
            try Program.run("run", "--source", "scene:", "--model", path, "--socket", scratch.path + "/s"), status: 66,
            naming: path)
    }

    @Test(arguments: [0, 7, 8, 100, 5000, 100_000])
    func `A truncated model is bad data`(bytes: Int) throws {
        let whole = try Data(contentsOf: URL(fileURLWithPath: Program.model))
        let path = try scratch.file("short.safetensors", Array(whole.prefix(bytes)))
        expect(try Program.run("classify", "--model", path, "photo.jpg"), status: 65, naming: path)
    }

    @Test func `A model with a label too few is bad data`() throws {
        var whole = try Data(contentsOf: URL(fileURLWithPath: Program.model))
        // The header is JSON in JSON: drop one label and fill up with blanks, so that nothing else moves.
        let label = Data("\\\"vegetable\\\"".utf8)
        let found = try #require(whole.range(of: label), "the default model knows vegetables")
        let start = whole[..<found.lowerBound].lastIndex(of: UInt8(ascii: ",")) ?? found.lowerBound
        whole.replaceSubrange(
            start..<found.upperBound, with: Data(repeating: UInt8(ascii: " "), count: found.upperBound - start))
        let path = try scratch.file("labels.safetensors", Array(whole))
        let outcome = try Program.run("classify", "--model", path, "photo.jpg")
        expect(outcome, status: 65, naming: path)
        #expect(outcome.complaints.contains("label"))
    }

    @Test func `A folder that is not there, or holds no photo, is no input`() throws {
        let missing = scratch.path + "/nowhere"
        expect(try Program.run("evaluate", missing), status: 66, naming: missing)
        expect(
            try Program.run(
                "run", "--source", "images:\(missing)", "--model", Program.model, "--socket", scratch.path + "/s"
            ), status: 66, naming: missing)
        expect(
            try Program.run("quantize", "--calib", scratch.path, "--weights", Program.weights), status: 66,
            naming: scratch.path)
    }

    @Test func `A text file that is called .jpg is bad data`() throws {
        let path = try scratch.file("text.jpg", Array("this is not a photo\n".utf8))
        expect(try Program.run("classify", path), status: 65, naming: path)
        expect(try Program.run("classify", "-", input: Array("neither is this".utf8)), status: 65, naming: "-")
    }

    @Test func `Only the model that the configuration names by its digest runs`() throws {
        let other = String(repeating: "0", count: 64)
        let start = ["run", "--source", "scene:", "--model", Program.model, "--socket", scratch.path + "/s"]
        let refused = try Running(start + ["--model-sha256", other]).wait()
        expect(refused, status: 65, naming: Program.model)
        let words = try #require(refused.complaints.range(of: "[0-9a-f]{64}", options: .regularExpression))
        let digest = String(refused.complaints[words])
        let taken = try Running(start + ["--frames", "1", "--rate", "max", "--idle", "keep", "--model-sha256", digest])
        defer { taken.stop() }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: scratch.path + "/s") })
        expect(try Running(start + ["--model-sha256", "abc"]).wait(), status: 64, naming: "64 hexadecimal digits")
    }

    @Test func `One bad file does not keep the others from their answers`() throws {
        let text = try scratch.file("text.jpg", Array("no photo".utf8))
        let good = try scratch.file("good.jpg", Fixtures.grey())
        let outcome = try Program.run("classify", "--json", text, good)
        #expect(outcome.status == 65)
        #expect(outcome.lines.count == 1)
        #expect(try Program.object(outcome.output)["file"] as? String == good)
    }

    @Test func `Wrong options are usage errors`() throws {
        #expect(try Program.run("bench", "--threads", "0").status == 64)
        #expect(try Program.run("bench", "--cpu-mask", "mmx").status == 64)
        #expect(try Program.run("run", "--source", "nonsense").status == 64)
        #expect(try Program.run("run", "--source", "/dev/video0").complaints.contains("v4l2:/dev/video0"))
        #expect(try Program.run("bench", "--network", "nonsense").status == 64)
        #expect(try Program.run("nonsense").status == 64)
    }

    @Test func `A quality floor that is missed writes nothing and exits with 3`() throws {
        let photos = try ScratchFolder()
        _ = try photos.file("grey.jpg", Fixtures.grey())
        let output = scratch.path + "/never.safetensors"
        let outcome = try Program.run(
            "quantize", "--calib", photos.path, "--weights", Program.weights, "--output", output, "--method", "min-max",
            "--floor", "500dB")
        #expect(outcome.status == 3, "\(outcome.complaints)")
        #expect(!FileManager.default.fileExists(atPath: output))
    }
}
