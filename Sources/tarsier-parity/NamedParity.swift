import Engine
import Foundation
import Graphs
import Import
import Kernels
import LinuxIO
import Planning
import Quantization
import Tensors

extension Main {
    /// `tarsier-parity --network NAME FILE PICTURES LOGITS`: a file of named tensors instead of an ONNX file; prints the
    /// largest difference of our float logits relative to the largest logit, and what became of the tensors.
    static func compareNamed(_ arguments: [String]) throws {
        let settings = ImportSettings(normalization: .imageNet)
        let (model, tensors) = try Importer.model(
            readingFrom: arguments[3], architecture: arguments[2], settings: settings)
        let size = model.graph.input.count
        let pictures = pictures(try Data(contentsOf: URL(fileURLWithPath: arguments[4])), size: size)
        let wanted = floats(try Data(contentsOf: URL(fileURLWithPath: arguments[5])))
        let classes = model.labels.count
        let interpreter = try FloatInterpreter(try Lowering.apply(to: model.graph), std: model.preprocessing.std)
        let worst = worstDifference(of: interpreter, pictures, wanted, classes: classes)
        print(
            "{\"network\":\"\(model.graph.network)\",\"names\":\"\(model.source)\",\"matched\":\(tensors.count(.matched)),"
                + "\"unexpected\":\(tensors.count(.unexpected)),\"float_difference\":\(worst)}")
    }

    /// `tarsier-parity --quantized MODEL.onnx PICTURES LOGITS MEAN STD`: runs an int8 model that a QDQ file holds on the engine
    /// and writes its logits, float32 [n][classes], to LOGITS.
    static func runQuantized(_ arguments: [String]) throws {
        var settings = ImportSettings()
        settings.mean = arguments[5].split(separator: ",").compactMap { Float($0) }
        settings.std = arguments[6].split(separator: ",").compactMap { Float($0) }
        guard case .int8(let model) = try Importer.read(arguments[2], settings: settings).model else {
            throw ImportError(path: arguments[2], "is not quantized")
        }
        let session = try Session(plan: try Planner.plan(model.graph, for: .detected), maxThreads: 1)
        var logits: [Float] = []
        for picture in pictures(
            try Data(contentsOf: URL(fileURLWithPath: arguments[3])), size: model.graph.input.count)
        {
            session.setPicture(picture.span)
            session.run(threads: 1)
            logits += session.logits
        }
        try AtomicFile.write(unsafe logits.withUnsafeBytes { unsafe Array($0) }, to: arguments[4])
    }
}
