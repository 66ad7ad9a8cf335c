import Foundation
import Graphs
import Quantization
import Tensors
import Testing

@testable import Import

/// QDQ files of onnxruntime's quantizer, against the logits that onnxruntime computed of them.
@Suite struct QuantizedImportTests {
    static func model(_ name: String) throws -> Model {
        let (model, tensors) = try ONNXImport.read(try ImportTests.bytes("\(name).onnx"), path: "\(name).onnx")
        #expect(tensors.count(.missing) == 0)
        guard case .int8(let own) = model else { throw ImportError(path: name, "is not quantized") }
        return own
    }

    @Test(arguments: ["mobile-qdq-u8", "shuffle-qdq-s8", "dense-qdq-u8", "probe-qdq"])
    func `Logits are onnxruntime's of the same quantized file, to within what the input's rounding moves`(
        _ name: String
    ) throws {
        let model = try Self.model(name)
        #expect(model.provenance.method == "qdq" && model.provenance.sourceSHA256.count == 64)
        #expect(try Model(parsing: model.encoded()) == model)
        let picture = try ImportTests.corner(model.graph.input.height)
        let got = IntegerInterpreter(model.graph).run(pixels: picture).logits
        let wanted = try ImportTests.bytes("\(name).logits").chunks
        let difference = try ImportTests.difference(got, wanted)
        #expect(difference < 0.05, "\(name): \(difference): \(got) and \(wanted)")
    }

    @Test func `Steps and scales are those of the file`() throws {
        let bytes = try ImportTests.bytes("probe-qdq.onnx")
        let equal = Normalization(mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25])
        let (model, _) = try ONNXImport.read(bytes, path: "p.onnx", settings: ImportSettings(normalization: equal))
        guard case .int8(let own) = model, case .convolution(let stem, nil)? = own.graph.nodes.first?.operation else {
            Issue.record("a convolution comes first")
            return
        }
        // One deviation for all colours: the first layer's weights are the file's too, and reach their last step.
        let rows = stride(from: 0, to: stem.weights.count, by: 27).map { stem.weights[$0..<$0 + 27] }
        #expect(rows.allSatisfy { $0.contains(127) || $0.contains(-127) })
        #expect(own.preprocessing.std == 255 * 0.25)
        #expect(own.graph.nodes.contains { $0.params.zeroPoint == -128 })
        #expect(throws: ImportError.self) { try ONNXImport.model(bytes, path: "p.onnx") }
    }
}
