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
/// JSON object: the largest difference of our float logits relative to the largest logit, how int8 logits of the
/// engine correlate with float ones on the judged pictures, as they are and less the mean of each class, what the
/// quantizer tried, with the signal over noise of each in decibels, and why the worst layers add noise.
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
        let compared = try pictures(options.files[1])
        let worst = worstDifference(of: plain, compared, wanted, classes: classes)
        let worstLowered = worstDifference(of: interpreter, compared, wanted, classes: classes)
        var report = [
            "\"network\":\"\(model.graph.network)\"", "\"nodes\":\(model.graph.nodes.count)",
            "\"matched\":\(tensors.count(.matched))", "\"unexpected\":\(tensors.count(.unexpected))",
            "\"float_difference\":\(worst)", "\"lowered_difference\":\(worstLowered)",
        ]
        if let calibration = options.values["--calibration"], let judged = options.values["--judged"] {
            var quantizer = Quantizer(threads: 2, method: options.flags.contains("--auto") ? nil : .percentile(99.99))
            if quantizer.method != nil { quantizer.measuredImages = 0 }
            let calibrating = try pictures(calibration)
            let (quantized, made) = try quantizer.quantize(model, pictures: PictureSet(calibrating))
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
            report.append("\"method\":\"\(made.method)\"")
            let steps = made.steps.map { "\"\($0.name)\":\($0.centredDecibels.fixed(2) ?? "null")" }
            report.append("\"steps_db\":{\(steps.joined(separator: ","))}")
            if quantizer.measuredImages > 0 {
                let worst = made.layersToBlame(5).map { "\"\($0.name)\":\"\($0.why)\"" }
                report.append("\"layers\":{\(worst.joined(separator: ","))}")
            }
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

    /// Largest `difference` over pictures. `wanted` holds [pictures][classes].
    static func worstDifference(
        of interpreter: FloatInterpreter, _ pictures: [[UInt8]], _ wanted: [Float], classes: Int
    ) -> Double {
        pictures.enumerated().reduce(0) { worst, item in
            let own = Array(wanted[item.offset * classes..<(item.offset + 1) * classes])
            return max(worst, difference(interpreter.run(pixels: item.element), own))
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
