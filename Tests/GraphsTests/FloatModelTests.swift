import Foundation
import Tensors
import Testing

@testable import Graphs

struct FloatModelTests {
    /// SM_V2 of an eighth of the width on 32x32 pixels.
    private func model() throws -> FloatModel {
        var graph = try NetworkTable.smV2.graph(classes: 2, alpha: 0.125, height: 32, width: 32)
        for spec in try graph.parameterSpecs() {
            graph.parameters[spec.name] = [Float](repeating: 0.5, count: spec.count)
        }
        return FloatModel(
            graph: graph, widthMultiplier: 0.125,
            preprocessing: Preprocessing(width: 32, height: 32, cropFraction: 1, std: 64),
            labels: ["a", "b"],
            temperature: 1.5, unknownThreshold: 0.25, source: "constants")
    }

    @Test("Weights read back equal, with the digest of their file")
    func roundTrip() throws {
        var model = try model()
        let bytes = try model.encoded()
        var hash = SHA256()
        hash.update(bytes)
        model.sha256 = hash.hexDigest()
        #expect(try FloatModel(parsing: bytes) == model)
    }

    /// A file of the first version that claims to hold another network.
    private func renamed(_ network: String) throws -> [UInt8] {
        let bytes = try model().encoded()
        let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
        var header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
            .replacingOccurrences(of: "\"network\":\"sm_v2\"", with: "\"network\":\"\(network)\"")
        while header.utf8.count % 8 != 0 { header.append(" ") }
        let count = header.utf8.count
        return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(header.utf8)
            + bytes[(8 + length)...]
    }

    @Test("Weights of the wrong network are refused with the cause")
    func wrongNetwork() throws {
        let bytes = try model().encoded()
        func message(_ network: String?) -> String? {
            failure { () throws(ModelFileError) in _ = try FloatModel(parsing: bytes, network: network) }?.message
        }
        #expect(message("sm_v2") == nil)
        #expect(message("mobilenet_v2") == "holds weights of sm_v2, not of mobilenet_v2")
        let mismatched = try renamed("sm_v2_x2nr")
        #expect(
            failure { () throws(ModelFileError) in _ = try FloatModel(parsing: mismatched) }?.message.contains(
                "has shape") == true)
        let unknown = try renamed("resnet")
        #expect(
            failure { () throws(ModelFileError) in _ = try FloatModel(parsing: unknown) }?.message
                .hasPrefix("network resnet is unknown; known are sm_v2, ") == true)
    }

    @Test("A negative variance, an extra tensor and an int8 file are refused")
    func badWeights() throws {
        var negative = try model()
        negative.graph.parameters["stem.bn.running_var"]?[0] = -1
        #expect(failure { () throws(GraphError) in _ = try negative.encoded() }?.message == "holds a negative variance")
        let quantized = tinyModel().encoded()
        #expect(
            failure { () throws(ModelFileError) in _ = try FloatModel(parsing: quantized) }?.message.contains(
                "is quantized already")
                == true)
    }
}
