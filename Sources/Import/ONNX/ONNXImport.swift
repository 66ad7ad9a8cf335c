package import Graphs
import SwiftProtobuf
import Tensors

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Float models from ONNX files, operator sets 7 to 22, as PyTorch exports them: with normalisation nodes or folded ones.
package enum ONNXImport {
    /// Operator sets that are understood.
    static let opsets = 7...22

    /// - Parameters:
    ///   - bytes: the file.
    ///   - path: for messages, and for a name where the settings have none.
    /// - Returns: float weights, or an int8 model where the file quantizes every value.
    package static func read(
        _ bytes: Data, path: String, settings: ImportSettings = ImportSettings()
    ) throws(ImportError) -> (model: ImportedModel, tensors: TensorTable) {
        do throws(ImportFault) { return try translate(bytes, path: path, settings) } catch {
            throw ImportError(path: path, error.message)
        }
    }

    /// The same for files that must hold floats.
    package static func model(
        _ bytes: Data, path: String, settings: ImportSettings = ImportSettings()
    ) throws(ImportError) -> (model: FloatModel, tensors: TensorTable) {
        let (model, tensors) = try read(bytes, path: path, settings: settings)
        guard case .float(let float) = model else {
            throw ImportError(path: path, "is quantized already; float weights are needed here")
        }
        return (float, tensors)
    }

    private static func translate(
        _ bytes: Data, path: String, _ settings: ImportSettings
    ) throws(ImportFault) -> (model: ImportedModel, tensors: TensorTable) {
        let proto: Onnx_ModelProto
        do {
            var options = BinaryDecodingOptions()
            options.discardUnknownFields = true
            options.messageDepthLimit = 16
            proto = try Onnx_ModelProto(serializedBytes: bytes, options: options)
        } catch {
            throw ImportFault("is not an ONNX file, or is damaged; export it again")
        }
        let opset = Int(proto.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 0)
        guard opsets.contains(opset) else {
            throw ImportFault(
                "uses operator set \(opset); \(opsets.lowerBound) to \(opsets.upperBound) are supported: export it with another"
            )
        }
        let foreign = proto.graph
        guard foreign.node.count <= ImportLimits.nodes, foreign.initializer.count <= ImportLimits.tensors else {
            throw ImportFault(
                "has \(foreign.node.count) nodes and \(foreign.initializer.count) tensors; "
                    + "\(ImportLimits.nodes) and \(ImportLimits.tensors) are the limits")
        }
        let weights = Set(foreign.initializer.map(\.name))
        let inputs = foreign.input.filter { !weights.contains($0.name) }
        guard inputs.count == 1, let input = inputs.first else {
            throw ImportFault("has \(inputs.count) inputs; one picture is supported")
        }
        let name = settings.network ?? name(of: path)
        var translator = ONNXTranslator(
            network: name, input: try shape(of: input, settings), inputName: input.name, opset: opset,
            fileBytes: bytes.count)
        for tensor in foreign.initializer { translator.define(tensor.name, .constant(try ForeignTensor(tensor))) }
        for node in foreign.node { try translator.translate(ONNXNode(proto: node)) }
        let rows = foreign.initializer.map {
            TensorTable.Row(
                name: $0.name, shape: $0.dims.map { Int($0) },
                fate: translator.used.contains($0.name) ? .matched : .unexpected)
        }
        let table = TensorTable(rows: rows, normalization: settings.normalization(usual: .imageNet))
        if translator.isQuantized {
            let source = (text: "imported from quantized ONNX", sha256: SHA256.hexDigest(of: bytes.bytes))
            return (.int8(try Finishing.model(translator, settings: settings, source: source)), table)
        }
        let model = try Finishing.model(translator.graph, settings: settings, source: "imported from ONNX")
        return (.float(model), table)
    }

    /// The file's name without folder and ending.
    static func name(of path: String) -> String {
        let file = path.split(separator: "/").last.map { String($0) } ?? "network"
        let stem = file.split(separator: ".", omittingEmptySubsequences: true).first.map { String($0) } ?? "network"
        return String(stem.prefix(100))
    }

    private static func shape(of input: Onnx_ValueInfoProto, _ settings: ImportSettings) throws(ImportFault) -> Shape {
        let extents = input.type.tensorType.shape.dim.map { Int($0.dimValue) }
        guard extents.count == 4, extents[1] == 3 || extents[1] == 0 else {
            throw ImportFault("its input has extents \(extents.prefix(8)); a picture [N, 3, H, W] is needed")
        }
        let (height, width) = (
            extents[2] > 0 ? extents[2] : settings.extent ?? 0, extents[3] > 0 ? extents[3] : settings.extent ?? 0
        )
        guard height > 0 && width > 0 else {
            throw ImportFault("leaves the size of its input open; give it with --size")
        }
        guard max(height, width) <= GraphLimits.inputExtent else {
            throw ImportFault("reads pictures of \(height)x\(width); \(GraphLimits.inputExtent) is the limit")
        }
        return Shape(height: height, width: width, channels: 3)
    }
}
