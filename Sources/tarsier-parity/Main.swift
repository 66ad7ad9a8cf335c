import Engine
import Foundation
import Graphs
import Import
import Kernels
import LinuxIO
import Planning
import Quantization
import Tensors

/// `tarsier-parity MODEL.onnx PICTURES LOGITS [--own] [--calibration FILE --judged FILE [--auto] [--output FILE]]`
///
/// PICTURES, calibration and judged hold RGB bytes [n][height][width][3], LOGITS float32 [n][classes] that another runtime
/// computed of PICTURES; `--own` says that the network sees (pixel - 128) / 64 and not what ImageNet's do. Prints one
/// JSON object: the largest difference of our float logits relative to the largest logit, and how int8 logits of the
/// engine correlate with float ones on the judged pictures, as they are and less the mean of each class.
@main
enum Main {
    private struct Options {
        var files: [String] = []
        var values: [String: String] = [:]
        var flags: Set<String> = []

        init?(_ arguments: [String]) {
            var rest = arguments[...]
            while let word = rest.popFirst() {
                if word == "--own" || word == "--auto" {
                    flags.insert(word)
                } else if word.hasPrefix("--") {
                    guard let value = rest.popFirst() else { return nil }
                    values[word] = value
                } else {
                    files.append(word)
                }
            }
            let known: Set = ["--calibration", "--judged", "--output"]
            guard files.count == 3, values.keys.allSatisfy(known.contains) else { return nil }
        }
    }

    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 6 && arguments[1] == "--network" { return try compareNamed(arguments) }
        if arguments.count == 7 && arguments[1] == "--quantized" { return try runQuantized(arguments) }
        guard let options = Options(Array(arguments.dropFirst())) else {
            print(
                "usage: tarsier-parity MODEL.onnx PICTURES LOGITS [--own] [--calibration F --judged F [--auto] [--output F]]"
            )
            exit(64)
        }
        let settings = ImportSettings(normalization: options.flags.contains("--own") ? .training : nil)
        let (model, tensors) = try Importer.model(readingFrom: options.files[0], settings: settings)
        let size = model.graph.input.count
        func pictures(_ path: String) throws -> [[UInt8]] {
            Main.pictures(try Data(contentsOf: URL(fileURLWithPath: path)), size: size)
        }
        let wanted = floats(try Data(contentsOf: URL(fileURLWithPath: options.files[2])))
        let classes = model.labels.count
        let lowered = try Lowering.apply(to: model.graph)
        let plain = try FloatInterpreter(model.graph, std: model.preprocessing.std)
        let interpreter = try FloatInterpreter(lowered, std: model.preprocessing.std)
        var (worst, worstLowered) = (0.0, 0.0)
        for (index, picture) in try pictures(options.files[1]).enumerated() {
            let own = Array(wanted[index * classes..<(index + 1) * classes])
            worst = max(worst, difference(plain.run(pixels: picture), own))
            worstLowered = max(worstLowered, difference(interpreter.run(pixels: picture), own))
        }
        var report = [
            "\"network\":\"\(model.graph.network)\"", "\"nodes\":\(model.graph.nodes.count)",
            "\"matched\":\(tensors.count(.matched))", "\"unexpected\":\(tensors.count(.unexpected))",
            "\"float_difference\":\(worst)", "\"lowered_difference\":\(worstLowered)",
        ]
        if let calibration = options.values["--calibration"], let judged = options.values["--judged"] {
            var quantizer = Quantizer(threads: 2, method: options.flags.contains("--auto") ? nil : .percentile(99.99))
            if quantizer.method != nil { quantizer.measuredImages = 0 }
            let calibrating = try pictures(calibration)
            let quantized = try quantizer.quantize(model, pictures: PictureSet(calibrating)).model
            if let output = options.values["--output"] { try quantized.write(to: output) }
            let session = try Session(plan: try Planner.plan(quantized.graph, for: .detected), maxThreads: 1)
            let photos = try pictures(judged)
            let floatLogits = Parallel.map(Array(photos.indices), threads: 2) { index, workspace in
                interpreter.run(pixels: photos[index], in: workspace)
            }
            let intLogits = photos.map { picture in
                session.setPicture(picture.span)
                session.run(threads: 1)
                return session.logits
            }
            let agreed = zip(floatLogits, intLogits).filter { best($0) == best($1) }.count
            report.append("\"calibrated\":\(calibrating.count)")
            report.append("\"judged\":\(photos.count)")
            report.append("\"int8_correlation\":\(correlation(floatLogits.flatMap { $0 }, intLogits.flatMap { $0 }))")
            report.append("\"centred\":\(correlation(centred(floatLogits), centred(intLogits)))")
            report.append("\"agreement\":\(Double(agreed) / Double(photos.count))")
        }
        print("{\(report.joined(separator: ","))}")
    }

    private static func best(_ logits: [Float]) -> Int? { logits.indices.max { logits[$0] < logits[$1] } }

    /// All logits less the mean of their class.
    private static func centred(_ logits: [[Float]]) -> [Float] {
        let means = logits[0].indices.map { k in logits.reduce(0) { $0 + $1[k] } / Float(logits.count) }
        return logits.flatMap { row in zip(row, means).map { $0 - $1 } }
    }

    static func pictures(_ data: Data, size: Int) -> [[UInt8]] {
        (0..<data.count / size).map { Array(data[$0 * size..<($0 + 1) * size]) }
    }

    static func floats(_ data: Data) -> [Float] {
        let bytes = Array(data)
        return (0..<bytes.count / 4).map { (i: Int) -> Float in
            var bits: UInt32 = 0
            for byte in 0..<4 { bits |= UInt32(bytes[4 * i + byte]) << UInt32(8 * byte) }
            return Float(bitPattern: bits)
        }
    }

    /// Largest difference, relative to the largest wanted magnitude.
    static func difference(_ got: [Float], _ wanted: [Float]) -> Double {
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
