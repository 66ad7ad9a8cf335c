import Foundation
import LinuxIO
import Tensors
import Testing

@testable import Graphs

struct ModelFileTests {
    private func message(_ bytes: [UInt8]) -> String? {
        failure { () throws(ModelFileError) in _ = try Model(parsing: bytes) }?.message
    }

    /// The file of a model with a piece of its header's text replaced and the length of the header corrected.
    private func edited(_ model: Model, _ old: String, _ new: String) -> [UInt8] {
        let bytes = model.encoded()
        let length = Int(bytes[0]) | Int(bytes[1]) << 8
        let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
        precondition(header.contains(old), "nothing to replace: \(old)")
        let text = header.replacingOccurrences(of: old, with: new)
        return Array(safetensors(text)) + bytes[(8 + length)...]
    }

    @Test("A model reads back equal, and writes back to the same bytes")
    func roundTrip() throws {
        let model = tinyModel()
        let bytes = model.encoded()
        let back = try Model(parsing: bytes)
        #expect(back == model)
        #expect(back.encoded() == bytes)
    }

    @Test("A model goes through a file, with its digest")
    func file() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = tinyModel()
        try model.write(to: path)
        let (back, sha256) = try Model.load(path)
        #expect(back == model)
        var hash = SHA256()
        hash.update(model.encoded())
        #expect(sha256 == hash.hexDigest())
    }

    @Test("A large file that begins wrongly is refused before it takes memory", arguments: [0, 1 << 40])
    func largeFile(headerBytes: UInt64) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("large-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let head = (0..<8).map { UInt8(truncatingIfNeeded: headerBytes >> (8 * $0)) }
        try Data(head).write(to: URL(fileURLWithPath: path))
        // All but the head is a hole.
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.truncate(atOffset: 900 << 20)
        try file.close()
        let before = try ProcessMemory.current().peakBytes
        let error = failure { () throws(ModelFileError) in _ = try Model(readingFrom: path) }
        #expect(error?.code == .badData)
        #expect(error?.message.contains("announces a header of \(headerBytes) bytes") == true)
        #expect(try ProcessMemory.current().peakBytes - before < 64 << 20)
    }

    @Test("A file that is missing, a folder or unwritable has its own code")
    func files() {
        #expect(failure { () throws(ModelFileError) in _ = try Model(readingFrom: "/nonexistent/m") }?.code == .noInput)
        #expect(failure { () throws(ModelFileError) in _ = try Model(readingFrom: "/tmp") }?.code == .noInput)
        #expect(failure { () throws(ModelFileError) in _ = try Model(readingFrom: "/dev/null") }?.code == .noInput)
        #expect(failure { () throws(ModelFileError) in try tinyModel().write(to: "/nonexistent/m") }?.code == .io)
    }

    @Test("A graph that breaks a rule is refused with its node's name")
    func invalidGraphs() {
        let tiny = tinyModel()
        let cases: [(String, Model, String)] = [
            ("weight -128", tiny.changingConvolution(0) { $0.weights[3] = -128 }, "node stem: has a weight of -128"),
            ("bias overflow", tiny.changingConvolution(0) { $0.bias[1] = .max }, "node stem: channel 1 can overflow"),
            ("bias underflow", tiny.changingConvolution(0) { $0.bias[1] = .min }, "node stem: channel 1 can overflow"),
            ("zero scale", tiny.changingConvolution(0) { $0.weightScales[0] = 0 }, "node stem: weight scale 0.0"),
            ("negative scale", tiny.changingConvolution(0) { $0.weightScales[0] = -1 }, "node stem: weight scale -1.0"),
            (
                "huge scale", tiny.changingConvolution(0) { $0.weightScales[0] = 1e7 },
                "node stem: weight scale 10000000.0"
            ),
            ("tiny scale", tiny.changingConvolution(0) { $0.weightScales[0] = 1e-13 }, "node stem: weight scale 1e-13"),
            ("infinite scale", tiny.changingConvolution(0) { $0.weightScales[0] = .infinity }, "not finite"),
            ("NaN scale", tiny.changingConvolution(0) { $0.weightScales[0] = .nan }, "not finite"),
            ("clamp", tiny.changingConvolution(0) { ($0.low, $0.high) = (5, 4) }, "node stem: clamps to 5...4"),
            (
                "stride", tiny.changingConvolution(0) { $0.window.stride = 1 },
                "node stem: claims the output 3x3x4 but yields 6x6x4"
            ),
            ("padding", tiny.changingConvolution(0) { $0.window.padding = Padding(3) }, "node stem: padding 3"),
            (
                "requantization overflow",
                tiny.changingConvolution(0) { $0.weightScales = [1e6, 1e6, 1e6, 1e6] }, "2^30 is the limit"
            ),
            (
                "output scale", tiny.changing(0) { $0.params = QuantParams(scale: 1e-13, zeroPoint: 0) },
                "node stem: output scale 1e-13"
            ),
            ("name twice", tiny.changing(4) { $0.name = "stem" }, "node stem: the name occurs twice"),
            (
                "source", tiny.changing(2) { $0.source = 1 },
                "node blocks.0.depthwise: is depthwise with 8 filters on an input of 4"
            ),
            (
                "pooled shape", tiny.changing(4) { $0.shape = Shape(channels: 5) },
                "tensor classifier.weight: shape [2, 5] of I8 needs 10 bytes"
            ),
            (
                "labels",
                {
                    var m = tiny; m.labels.append("x"); return m
                }(), "has 3 labels for a network of 2 outputs"
            ),
            (
                "same label",
                {
                    var m = tiny; m.labels = ["x", "x"]; return m
                }(), "'x' occurs twice"
            ),
            (
                "empty label",
                {
                    var m = tiny; m.labels = ["x", ""]; return m
                }(), "label 1 is not a text"
            ),
            (
                "control character",
                {
                    var m = tiny; m.labels = ["x", "a\u{1b}[31m"]; return m
                }(), "control character"
            ),
            (
                "control character of C1",
                {
                    var m = tiny; m.labels = ["x", "a\u{9b}31m"]; return m
                }(), "control character"
            ),
            (
                "temperature",
                {
                    var m = tiny; m.temperature = 0; return m
                }(), "temperature: is not a number in"
            ),
            (
                "threshold",
                {
                    var m = tiny; m.unknownThreshold = 2; return m
                }(), "unknown_threshold: is not a number in"
            ),
            (
                "input zero point",
                {
                    var m = tiny; m.graph.inputParams = QuantParams(scale: 1 / 64, zeroPoint: 1); return m
                }(),
                "node input: zero point 1"
            ),
            (
                "std",
                {
                    var m = tiny; m.graph.inputParams = .pixels(std: 32); return m
                }(),
                "preprocessing std 64.0 and the input scale do not agree"
            ),
            (
                "size",
                {
                    var m = tiny
                    m.preprocessing = Preprocessing(width: 8, height: 6, cropFraction: 1, std: 64)
                    return m
                }(), "preprocessing yields 6x8, the graph reads 6x6x3"
            ),
            (
                "no nodes",
                {
                    var m = tiny; m.graph.nodes = []; return m
                }(), "node graph: has 0 nodes"
            ),
            (
                "no dense layer at the end",
                {
                    var m = tiny; m.graph.nodes.removeLast(); return m
                }(),
                "node pool: is the last node and must be dense"
            ),
            (
                "skip of another shape",
                tiny.changing(3) { node in
                    if case .convolution(let convolution, _) = node.operation {
                        node.operation = .convolution(convolution, skip: 2)
                    }
                }, "node blocks.0.project: adds 3x3x8 to 3x3x4"
            ),
        ]
        for (name, model, expected) in cases {
            let got = message(model.encoded())
            #expect(got?.contains(expected) == true, "\(name): got \(got ?? "no error")")
        }
    }

    @Test("A header that does not describe a model is refused with the cause")
    func invalidHeaders() {
        let tiny = tinyModel()
        let cases: [(String, String, String)] = [
            ("tarsier-int8-1", "tarsier-int8-9", "has format tarsier-int8-9: this program reads tarsier-int8-1"),
            ("tarsier-int8-1", "tarsier-float-1", "run 'tarsier quantize' on it first"),
            ("\"format\":", "\"f\":", "has format none"),
            ("\"network\":\"tiny\"", "\"network\":\"\"", "network: is empty"),
            ("\\\"op\\\":\\\"dense\\\"", "\\\"op\\\":\\\"softmax\\\"", "op: softmax is unknown"),
            ("\\\"kernel\\\":3", "\\\"kernel\\\":0", "kernel: 0 is outside 1...1024"),
            ("\\\"skip\\\":null", "\\\"skip\\\":99", "skip: 99 is outside 0...0"),
            ("\\\"source\\\":5", "\\\"source\\\":6", "source: 6 is outside 0...5"),
            ("\\\"low\\\":-128", "\\\"low\\\":-129", "low: -129 is outside"),
            ("\\\"zero_point\\\":7", "\\\"zero_point\\\":200", "zero_point: 200 is outside"),
            ("\\\"scale\\\":0.05", "\\\"scale\\\":0", "scale: 0.0 is not positive"),
            ("\\\"scale\\\":0.05", "\\\"scale\\\":1e99", "scale: is not a finite number"),
            ("\\\"depthwise\\\":true", "\\\"depthwise\\\":1", "depthwise: is not true or false"),
            ("\\\"nodes\\\":", "\\\"nodez\\\":", "nodes: is missing"),
            ("\\\"stride\\\":2", "\\\"stride\\\":2,\\\"dilation\\\":2", "dilation: is unknown"),
            (
                "\\\"crop\\\":\\\"center\\\"", "\\\"crop\\\":\\\"left\\\"",
                "only \"center\", \"letterbox\", \"stretch\" are supported"
            ),
            ("[128,128,128]", "[128,128,127]", "only 128 for each channel"),
            ("\\\"crop_fraction\\\":0.875", "\\\"crop_fraction\\\":1.5", "crop_fraction: 1.5 is outside"),
            ("\\\"height\\\":6,\\\"crop\\\"", "\\\"height\\\":60000,\\\"crop\\\"", "height: 60000 is outside 1...1024"),
            ("\"stem.bias\"", "\"stem.bios\"", "tensor stem.bias: is missing"),
            ("\\\"calibration_images\\\":7", "\\\"calibration_images\\\":-7", "calibration_images: -7 is outside"),
        ]
        for (old, new, expected) in cases {
            let got = message(edited(tiny, old, new))
            #expect(got?.contains(expected) == true, "\(new): got \(got ?? "no error")")
        }
    }

    @Test("A file cut at any byte is refused")
    func truncation() {
        let bytes = tinyModel().encoded()
        for length in 0..<bytes.count {
            #expect(
                failure { () throws(ModelFileError) in _ = try Model(parsing: Array(bytes[..<length])) }?.code
                    == .badData)
        }
    }

    @Test("Flipped bits never crash the reader, and what it accepts is valid", arguments: [1, 2, 3, 4] as [UInt64])
    func flippedBits(seed: UInt64) {
        var random = Sequence(state: seed)
        let bytes = tinyModel().encoded()
        var refused = 0
        for round in 0..<250 {
            var damaged = bytes
            for _ in 0...Int(random.next() % 4) {
                // Half of the damage goes to the first half kilobyte, where a bit does most.
                let bound = random.next() % 2 == 0 ? min(512, bytes.count) : bytes.count
                damaged[Int(random.next() % UInt64(bound))] ^= 1 << UInt8(random.next() % 8)
            }
            do {
                let model = try Model(parsing: damaged)
                let error = failure { () throws(GraphError) in try model.graph.validate() }
                #expect(error == nil, "seed \(seed), round \(round)")
            } catch {
                refused += 1
            }
        }
        #expect(refused > 60, "seed \(seed): damage is noticed more often than not")
    }
}

/// A sequence with a printed seed, the same on every machine.
private struct Sequence {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
