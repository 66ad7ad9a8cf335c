import Foundation
import Graphs
import Quantization
import Tensors
import Testing

@testable import Import

/// Tiny networks that torch exported, against the logits that onnxruntime computed (`make-fixtures.py`).
@Suite struct ImportTests {
    static let names = [
        "mobile-17", "mobile-11-unfolded", "shuffle-13", "shuffle-20", "dense-18", "dense-12-unfolded",
    ]

    static func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)"))
    }

    private static func difference(_ got: [Float], _ name: String) throws -> Float {
        try difference(got, try bytes("\(name).logits").chunks)
    }

    /// The upper left part of the picture of the fixtures, `side` x `side`.
    static func corner(_ side: Int) throws -> [UInt8] {
        let whole = [UInt8](try bytes("picture.rgb"))
        var part: [UInt8] = []
        for row in 0..<side { part += whole[row * 23 * 3..<(row * 23 + side) * 3] }
        return part
    }

    /// The largest difference, relative to the largest wanted.
    static func difference(_ got: [Float], _ wanted: [Float]) throws -> Float {
        let largest = wanted.reduce(0) { max($0, abs($1)) }
        try #require(got.count == wanted.count)
        return zip(got, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest
    }

    @Test(arguments: names)
    func `Float logits are onnxruntime's, before and after lowering, to within 1e-4`(_ name: String) throws {
        let (model, tensors) = try ONNXImport.model(try Self.bytes("\(name).onnx"), path: "\(name).onnx")
        #expect(tensors.count(.unexpected) == 0 && tensors.count(.missing) == 0 && tensors.count(.matched) > 5)
        #expect(model.graph.network == String(name))
        let picture = Array(try Self.bytes("picture.rgb"))
        let plain = try FloatInterpreter(model.graph, std: model.preprocessing.std)
        #expect(try Self.difference(plain.run(pixels: picture), name) < 1e-4)
        let lowered = try FloatInterpreter(try Lowering.apply(to: model.graph), std: model.preprocessing.std)
        #expect(try Self.difference(lowered.run(pixels: picture), name) < 1e-4)
    }

    @Test(arguments: names)
    func `A float file holds the network, and its int8 model says what the float one says`(_ name: String) throws {
        let (model, _) = try ONNXImport.model(try Self.bytes("\(name).onnx"), path: "\(name).onnx")
        var read = try FloatModel(parsing: try model.encoded())
        read.sha256 = ""
        #expect(read == model)
        let pictures = SyntheticModel.pictures(12, of: model.graph.input, seed: 5)
        var quantizer = Quantizer(threads: 2, method: .percentile(99.99))
        quantizer.measuredImages = 0
        let quantized = try quantizer.quantize(model, pictures: PictureSet(pictures)).model
        #expect(try Model(parsing: quantized.encoded()) == quantized)
        let (float, int8) = (
            try FloatInterpreter(model.graph, std: model.preprocessing.std), IntegerInterpreter(quantized.graph)
        )
        var (wanted, got) = ([Float](), [Float]())
        for picture in pictures {
            wanted += float.run(pixels: picture)
            got += int8.run(pixels: picture).logits
        }
        let signal = wanted.reduce(0) { $0 + $1 * $1 }
        let noise = zip(wanted, got).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        #expect(noise < 0.03 * signal, "\(10 * log10(signal / noise)) dB")
    }

    @Test func `Normalisation goes into the first layer, and padding becomes the mean pixel`() throws {
        let bytes = try Self.bytes("mobile-17.onnx")
        let grey: Float = 128 / 255
        let normalization = Normalization(mean: [grey, grey, grey], std: [0.25, 0.25, 0.25])
        let plain = try ONNXImport.model(bytes, path: "a.onnx", settings: ImportSettings(normalization: normalization))
        #expect(plain.model.graph.inputPadding.isEmpty)
        let (model, _) = try ONNXImport.model(bytes, path: "a.onnx")
        #expect(model.graph.inputPadding.map { ($0 * 64 + 128).rounded() } == [124, 116, 104])
    }

    @Test func `Every cut of a file, and every damaged byte of a short one, is refused or harmless`() throws {
        let bytes = try Self.bytes("mobile-17.onnx")
        for length in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: ImportError.self) { try ONNXImport.model(bytes.prefix(length), path: "cut.onnx") }
        }
        var random = SplitMix64(seed: 11)
        for _ in 0..<400 {
            var damaged = bytes
            damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try? ONNXImport.model(damaged, path: "damaged.onnx")
        }
    }

    @Test func `Messages name the thing and the remedy`() throws {
        let bytes = try Self.bytes("mobile-17.onnx")
        func message(_ settings: ImportSettings, _ bytes: Data) -> String {
            do {
                _ = try ONNXImport.model(bytes, path: "x.onnx", settings: settings)
                return "no error"
            } catch {
                return error.description
            }
        }
        #expect(message(ImportSettings(), Data("hello".utf8)).contains("is not an ONNX file"))
        #expect(message(ImportSettings(labels: ["a"]), bytes).contains("has 5 outputs; 1 different labels were given"))
        #expect(
            message(ImportSettings(normalization: Normalization(mean: [0, 0, 0], std: [0, 1, 1])), bytes)
                .contains("not usable"))
        #expect(throws: ImportError(code: .noInput, path: "/nowhere.onnx", "no such file; check the path")) {
            try Importer.model(readingFrom: "/nowhere.onnx", settings: ImportSettings())
        }
    }

    @Test func `Half floats read exactly`() {
        #expect(ForeignTensor.half(0x3c00) == 1)
        #expect(ForeignTensor.half(0xc000) == -2)
        #expect(ForeignTensor.half(0x0001) == 0x1p-24)
        #expect(ForeignTensor.half(0x7bff) == 65504)
        #expect(ForeignTensor.half(0x7c00) == .infinity)
    }
}

extension Data {
    /// Little-endian floats.
    var chunks: [Float] {
        let bytes = Array(self)
        return (0..<bytes.count / 4).map { (i: Int) -> Float in
            var bits: UInt32 = 0
            for byte in 0..<4 { bits |= UInt32(bytes[4 * i + byte]) << UInt32(8 * byte) }
            return Float(bitPattern: bits)
        }
    }
}
