import Engine
import Foundation
import Graphs
import Import
import Kernels
import LinuxIO
import Planning
import Quantization
import Tensors

/// `tarsier-parity MODEL.onnx PICTURES LOGITS [CALIBRATION] [MODEL.int8.safetensors]`
///
/// PICTURES holds RGB bytes [n][height][width][3], LOGITS float32 [n][classes] that another runtime computed of them.
/// Prints one JSON object: the largest difference of our float logits relative to the largest logit, and, where
/// CALIBRATION (pictures again) is given, how int8 logits of the engine correlate with float ones.
@main
enum Main {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 4 else {
            print("usage: tarsier-parity MODEL.onnx PICTURES LOGITS [CALIBRATION] [OUTPUT]")
            exit(64)
        }
        let (model, tensors) = try Importer.model(readingFrom: arguments[1], settings: ImportSettings())
        let size = model.graph.input.count
        let pictures = pictures(try Data(contentsOf: URL(fileURLWithPath: arguments[2])), size: size)
        let wanted = floats(try Data(contentsOf: URL(fileURLWithPath: arguments[3])))
        let classes = model.labels.count
        let lowered = try Lowering.apply(to: model.graph)
        let plain = try FloatInterpreter(model.graph, std: model.preprocessing.std)
        let interpreter = try FloatInterpreter(lowered, std: model.preprocessing.std)
        var (worst, worstLowered) = (0.0, 0.0)
        for (index, picture) in pictures.enumerated() {
            let own = Array(wanted[index * classes..<(index + 1) * classes])
            worst = max(worst, difference(plain.run(pixels: picture), own))
            worstLowered = max(worstLowered, difference(interpreter.run(pixels: picture), own))
        }
        var report = [
            "\"network\":\"\(model.graph.network)\"", "\"nodes\":\(model.graph.nodes.count)",
            "\"matched\":\(tensors.count(.matched))", "\"unexpected\":\(tensors.count(.unexpected))",
            "\"float_difference\":\(worst)", "\"lowered_difference\":\(worstLowered)",
        ]
        if arguments.count > 4 {
            let calibration = Main.pictures(try Data(contentsOf: URL(fileURLWithPath: arguments[4])), size: size)
            var quantizer = Quantizer(threads: 2, method: .percentile(99.99))
            quantizer.correctionImages = 0
            quantizer.measuredImages = 0
            let quantized = try quantizer.quantize(model, pictures: PictureSet(calibration)).model
            if arguments.count > 5 { try quantized.write(to: arguments[5]) }
            let session = try Session(
                plan: try Planner.plan(quantized.graph, for: .detected), maxThreads: 1)
            var (floatLogits, intLogits) = ([Float](), [Float]())
            for picture in pictures {
                session.setPicture(picture.span)
                session.run(threads: 1)
                intLogits += session.logits
                floatLogits += interpreter.run(pixels: picture)
            }
            report.append("\"int8_correlation\":\(correlation(floatLogits, intLogits))")
        }
        print("{\(report.joined(separator: ","))}")
    }

    private static func pictures(_ data: Data, size: Int) -> [[UInt8]] {
        (0..<data.count / size).map { Array(data[$0 * size..<($0 + 1) * size]) }
    }

    private static func floats(_ data: Data) -> [Float] {
        let bytes = Array(data)
        return (0..<bytes.count / 4).map { (i: Int) -> Float in
            var bits: UInt32 = 0
            for byte in 0..<4 { bits |= UInt32(bytes[4 * i + byte]) << UInt32(8 * byte) }
            return Float(bitPattern: bits)
        }
    }

    /// Largest difference, relative to the largest wanted magnitude.
    private static func difference(_ got: [Float], _ wanted: [Float]) -> Double {
        let largest = wanted.reduce(0) { max($0, abs($1)) }
        return Double(zip(got, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / largest)
    }

    private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let count = Double(a.count)
        let meanA = a.reduce(0) { $0 + Double($1) } / count
        let meanB = b.reduce(0) { $0 + Double($1) } / count
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (dx, dy) = (Double(x) - meanA, Double(y) - meanB)
            (ab, aa, bb) = (ab + dx * dy, aa + dx * dx, bb + dy * dy)
        }
        return ab / (aa * bb).squareRoot()
    }
}
