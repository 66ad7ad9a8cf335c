import Foundation
import SwiftProtobuf
import Testing

@testable import Import

/// Small ONNX files that ask for much.
@Suite struct SmallFileTests {
    /// A picture of 1x1 flattened, and whatever nodes follow.
    private static func message(
        _ nodes: [Onnx_NodeProto], _ tensors: [Onnx_TensorProto], channels: Int64 = 3
    ) throws -> String {
        var model = Onnx_ModelProto()
        model.opsetImport = [.with { $0.version = 17 }]
        model.graph.input = [
            .with { input in
                input.name = "x"
                input.type.tensorType.elemType = 1
                input.type.tensorType.shape.dim = [1, channels, 1, 1].map { extent in .with { $0.dimValue = extent } }
            }
        ]
        model.graph.node = nodes
        model.graph.initializer = tensors
        let bytes: Data = try model.serializedBytes()
        do {
            _ = try ONNXImport.read(bytes, path: "small.onnx")
            return "no error"
        } catch {
            return error.description
        }
    }

    private static func node(_ type: String, _ inputs: [String], _ output: String) -> Onnx_NodeProto {
        .with { ($0.opType, $0.input, $0.output, $0.name) = (type, inputs, [output], output) }
    }

    private static func tensor(_ name: String, _ dims: [Int64], whole: Bool = false) -> Onnx_TensorProto {
        .with {
            ($0.name, $0.dims, $0.dataType) = (name, dims, whole ? 7 : 1)
            $0.rawData = Data(repeating: 0, count: Int(dims.reduce(1, *)) * (whole ? 8 : 4))
        }
    }

    @Test func `Constants that double without end are refused`() throws {
        let nodes = (0..<60).map { Self.node("Concat", ["c\($0)", "c\($0)"], "c\($0 + 1)") }
        #expect(
            try Self.message(nodes, [Self.tensor("c0", [2], whole: true)]).contains("more often than they are there"))
        let wide = Self.node("Concat", [String](repeating: "c0", count: 3000), "d")
        #expect(try Self.message([wide], [Self.tensor("c0", [1000], whole: true)]).contains("joins too much"))
    }

    @Test func `Constants that are computed again and again are refused`() throws {
        let nodes = (0..<2000).map { Self.node("Add", ["c", "c"], "d\($0)") }
        #expect(
            try Self.message(nodes, [Self.tensor("c", [4000], whole: true)]).contains("more often than they are there"))
    }

    @Test func `Weights that many layers share are refused`() throws {
        var nodes = [Self.node("Flatten", ["x"], "m0")]
        for layer in 0..<900 { nodes.append(Self.node("MatMul", ["m\(layer)", "w"], "m\(layer + 1)")) }
        let text = try Self.message(nodes, [Self.tensor("w", [3, 3])])
        // A few floats are nobody's harm: it ends for another reason.
        #expect(!text.contains("more often"), "\(text)")
        nodes = [Self.node("Conv", ["x", "v"], "y"), Self.node("Flatten", ["y"], "m0")]
        for layer in 0..<900 { nodes.append(Self.node("MatMul", ["m\(layer)", "w"], "m\(layer + 1)")) }
        let large = try Self.message(nodes, [Self.tensor("v", [64, 3, 1, 1]), Self.tensor("w", [64, 64])])
        #expect(large.contains("more often than they are there"), "\(large)")
    }

    @Test func `Scales that are no scales are refused`() throws {
        let zero = Self.tensor("s", [])
        let text = try Self.message([Self.node("QuantizeLinear", ["x", "s"], "q")], [zero])
        #expect(text.contains("its scale is outside 1e-12...1e6"))
        let many = Onnx_TensorProto.with { ($0.name, $0.dims, $0.dataType, $0.floatData) = ("s", [3], 1, [1, 1, 1]) }
        #expect(
            try Self.message([Self.node("QuantizeLinear", ["x", "s"], "q")], [many]).contains(
                "quantizes a value per channel"))
    }
}
