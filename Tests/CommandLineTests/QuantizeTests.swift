import Foundation
import Imaging
import Testing

/// `quantize` on the rendered sample set: what it says, what it refuses, and that it says the same again.
@Suite struct QuantizeTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// A CMYK JPEG of 16x16 pixels.
    private static let cmyk =
        "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdfYmdoZz5NcXlwZHhc"
        + "ZWdj/8AAFAgAEAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAE"
        + "EQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6"
        + "g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkA"
        + "SwAAPwDu6vV2Nd9RRRRRRRRRRRRX/9k="
    /// A 16-bit grey PNG of 4x4 pixels.
    private static let png =
        "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAEEAAAAADcCh3hAAAAL0lEQVR4nAEkANv/AdtgvvGe8FbPAp6BC869Ye8ZAAxRIcKKg/jbALrT2FOFuyhJ"
        + "WE4SSPG4m7cAAAAASUVORK5CYII="

    /// Files that are no photos, by name.
    private static func badFiles() throws -> [String: [UInt8]] {
        let grey = try Fixtures.grey()
        var huge = grey
        // The frame header says how large the picture is: 0xFFC0, length, bits, height, width.
        let header = try #require((0..<huge.count - 9).first { huge[$0] == 0xff && huge[$0 + 1] == 0xc0 })
        huge.replaceSubrange(header + 5..<header + 9, with: [0x23, 0x28, 0x2e, 0xe0])
        return [
            "text.jpg": Array("no photo".utf8), "empty.jpg": [], "cut.jpg": Array(grey.prefix(grey.count / 2)),
            "dot.jpg": try JPEGEncoder.encode([1, 2, 3], width: 1, height: 1), "huge.jpg": huge,
            "cmyk.jpg": Array(try #require(Data(base64Encoded: cmyk))),
            "deep.jpg": Array(try #require(Data(base64Encoded: png))),
        ]
    }

    @Test(.disabled(if: Program.isEmulated, "a float network takes an emulated CPU minutes"))
    func `Bad files are named and left out, and the same photos give the same model on any number of threads`()
        throws
    {
        let folder = scratch.path + "/photos"
        let count = try SampleSet.render(2, into: folder)
        let bad = try QuantizeTests.badFiles()
        for (name, bytes) in bad { _ = try scratch.file("photos/sea/" + name, bytes) }
        var digests: [String] = []
        for threads in ["1", "3"] {
            let (output, page) = ("\(scratch.path)/m\(threads).safetensors", "\(scratch.path)/r\(threads).html")
            let outcome = try Program.run(
                "quantize", "--json", "--calib", folder, "--weights", Program.weights, "--output", output, "--report",
                page, "--threads", threads)
            #expect(outcome.status == 0, "\(outcome.complaints)")
            #expect(outcome.lines.count == bad.count, "one line a bad file: \(outcome.complaints)")
            for name in bad.keys { #expect(outcome.complaints.contains("/sea/\(name): "), "\(name)") }
            let report = try Program.object(outcome.output)
            #expect(report["images"] as? Int == count)
            #expect(try #require(report["agreement_top1"] as? Double) > 0.8)
            #expect(try #require(report["methods"] as? [[String: Any]]).count > 6)
            #expect(try #require(report["accuracy"] as? [String: Any])["images"] as? Int == count)
            digests.append(try #require(report["sha256"] as? String))
            let html = try String(contentsOfFile: page, encoding: .utf8)
            #expect(
                html.hasPrefix("<!doctype html>") && html.contains("huge.jpg") && html.contains("image/jpeg;base64,"))
        }
        #expect(digests[0] == digests[1])

        let shown = try Program.run("inspect", "model", "\(scratch.path)/m1.safetensors").output
        #expect(shown.contains("\(count) photos") && shown.contains("calibration "))
    }

    @Test(.disabled(if: Program.isEmulated, "a float network takes an emulated CPU minutes"))
    func `A floor that is missed names the layers to blame and leaves the old model alone`() throws {
        let folder = scratch.path + "/photos"
        _ = try SampleSet.render(1, into: folder)
        let output = try scratch.file("old.safetensors", Array("old".utf8))
        let outcome = try Program.run(
            "quantize", "--calib", folder, "--weights", Program.weights, "--output", output, "--method", "min-max",
            "--report", scratch.path + "/never.html", "--floor", "90dB")
        #expect(outcome.status == 3 && outcome.lines.count == 1, "\(outcome.complaints)")
        #expect(outcome.complaints.contains("to blame are ") && outcome.complaints.contains("% noise of its own"))
        #expect(try String(contentsOfFile: output, encoding: .utf8) == "old")
        #expect(!FileManager.default.fileExists(atPath: scratch.path + "/never.html"))
    }
}
