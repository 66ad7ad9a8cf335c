import Foundation
import Testing

/// Import, quantize, classify, evaluate, bench and inspect on networks beyond the separable blocks, tiny ones; the large
/// ones go through scripts/check-networks.sh.
@Suite struct NetworkCommandTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    @Test(arguments: ["mobile-17", "shuffle-20", "dense-18"])
    func `Every command takes a network from an ONNX file`(_ name: String) throws {
        let labels = ["a", "b", "c", "d", "e"]
        _ = try scratch.file("labels.txt", Array(labels.joined(separator: "\n").utf8))
        for (index, label) in labels.enumerated() {
            let folder = "\(scratch.path)/photos/\(label)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for number in 0..<4 {
                let photo = try Fixtures.picture(seed: UInt64(10 * index + number))
                _ = try scratch.file("photos/\(label)/\(number).jpg", photo)
            }
        }
        let (float, int8) = ("\(scratch.path)/float.safetensors", "\(scratch.path)/int8.safetensors")
        let photos = "\(scratch.path)/photos"
        func run(_ arguments: String...) throws -> [String: Any] {
            let outcome = try Running(arguments).wait()
            #expect(outcome.status == 0, "\(arguments): \(outcome.complaints)")
            return try Program.object(outcome.output.split(separator: "\n").first ?? "")
        }
        let onnx = "\(Program.root)/Tests/ImportTests/Fixtures/\(name).onnx"
        let imported = try Program.run(
            "import", onnx, "--output", float, "--labels", "\(scratch.path)/labels.txt")
        #expect(imported.status == 0, "\(imported.complaints)")
        let report = try run("quantize", "--json", "--calib", photos, "--weights", float, "--output", int8)
        #expect(report["images"] as? Int == 20)
        let answer = try run("classify", "--json", "--model", int8, "\(photos)/a/0.jpg")
        #expect(labels.contains(try #require((answer["top"] as? [[String: Any]])?.first?["label"] as? String)))
        let judged = try run("evaluate", "--json", "--model", int8, "--against", float, photos)
        #expect(judged["images"] as? Int == 20)
        let benched = try run("bench", "--json", "--runs", "3", "--model", int8, "--per-layer")
        #expect(try #require(benched["layers"] as? [Any]).count > 3)
        let described = try run("inspect", "model", "--json", int8)
        #expect(described["labels"] as? [String] == labels)

        let drawing = "\(scratch.path)/plan.svg"
        let plan = try Program.run("inspect", "plan", int8, "--svg", drawing)
        #expect(plan.status == 0, "\(plan.complaints)")
        #expect(plan.output.contains("writes at") && plan.output.contains("arena, "))
        let parser = XMLCount(contents: try Data(contentsOf: URL(fileURLWithPath: drawing)))
        #expect(parser.isWellFormed && parser.rectangles > 6)
    }

    @Test func `A plan of a network by name is drawn; an unknown name is a usage error that lists the names`() throws {
        let outcome = try Program.run("inspect", "plan", "--network", "nothing_v9")
        #expect(outcome.status == 64)
        #expect(outcome.lines.count == 1 && outcome.complaints.contains("shufflenet_v2"))
    }

    @Test func `networks lists every table of the papers`() throws {
        let listing = try Program.object(try Program.run("networks", "--json").output)
        let rows = try #require(listing["networks"] as? [[String: Any]])
        #expect(rows.count == 25)
        let vgg = try #require(rows.first { $0["name"] as? String == "vgg16" })
        #expect(vgg["paper_cpu_ms"] as? Double == 265 && vgg["paper_top1_percent"] as? Double == 71)
        let half = try #require(rows.first { $0["name"] as? String == "mobilenet_v1 x0.5 @224" })
        #expect(half["parameters"] as? Int == 1_331_592 && half["paper_parameters_millions"] as? Double == 1.3)
    }
}

/// Whether a document is well-formed, and how many rectangles it draws.
private final class XMLCount {
    private(set) var rectangles = 0
    private(set) var isWellFormed = false

    init(contents: Data) {
        let text = String(decoding: contents, as: UTF8.self)
        var open: [Substring] = []
        var rest = text[...]
        isWellFormed = true
        while let begin = rest.firstIndex(of: "<"), let end = rest[begin...].firstIndex(of: ">") {
            let tag = rest[rest.index(after: begin)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.drop { $0 == "/" }.prefix { $0.isLetter }
            if name == "rect" { rectangles += 1 }
            if tag.hasSuffix("/") { continue }
            if tag.hasPrefix("/") {
                if open.popLast() != name { isWellFormed = false }
            } else {
                open.append(name)
            }
        }
        if !open.isEmpty { isWellFormed = false }
    }
}
