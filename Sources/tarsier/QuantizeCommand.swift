import ArgumentParser
import Daemon
import Graphs
import Imaging
import LinuxIO
import Quantization
import Tensors

struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Makes an int8 model of float weights, with a folder of photos to calibrate on.",
        discussion:
            "Example: tarsier quantize --calib photos/ --weights sm_v2.float.safetensors --output sm_v2.int8.safetensors"
    )

    @Option(help: "Folder with photos (JPEG) like those the camera will see; sub-folders are read too.")
    var calib: String

    @Option(help: "Float weights, as training writes them; by default those beside the default model.")
    var weights: String?

    @Option(help: "The network, where the weights file does not name it; see `tarsier networks`.")
    var network: String?

    @Option(help: "The int8 model to write; an existing file is replaced only when everything has succeeded.")
    var output = "model.int8.safetensors"

    @Option(
        help:
            "Refuse to write (exit code 3) below this fidelity: decibels of the logits (30dB), or agreement with float (99pp)."
    )
    var floor: Floor?

    @Option(help: "Threads to work with.")
    var threads = 2

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...64).contains(threads) else { throw ValidationError("--threads is between 1 and 64") }
    }

    func run() throws {
        let begin = MonotonicClock.now()
        let float = try readWeights()
        let (pictures, unreadable) = try readPhotos(float.preprocessing)
        let (model, report): (Model, QuantizationReport)
        do throws(QuantizationError) {
            (model, report) = try Quantizer(threads: threads).quantize(float, pictures: PictureSet(pictures)) { step in
                Terminal.progress("quantize: \(step.stage) \(step.done) of \(step.total)")
            }
        } catch {
            throw Failure(error.code == .noInput ? .noInput : .badData, "\(error)")
        }
        Terminal.endProgress()
        try floor?.check(report)
        do throws(ModelFileError) { try model.write(to: output) } catch { throw Failure(error) }
        let written = try LoadedModel(output)
        let summary = QuantizeReport(
            output: output, sha256: written.sha256, photos: pictures.count, report,
            warnings: unreadable + report.warnings, seconds: Double(MonotonicClock.now() - begin) / 1e9)
        if json { try Terminal.json(summary) } else { summary.print() }
    }

    private func readWeights() throws -> FloatModel {
        let path =
            try weights ?? ModelLocator.locate(nil).replacing(ModelLocator.fileName, with: "sm_v2.float.safetensors")
        do throws(ModelFileError) {
            return try FloatModel(readingFrom: path, network: network)
        } catch {
            throw Failure(error)
        }
    }

    /// Every photo as the network will see it; those that cannot be used are told, not fatal, unless none is left.
    private func readPhotos(_ preprocessing: Preprocessing) throws -> (pictures: [[UInt8]], complaints: [String]) {
        let photos = try PhotoFolder(calib).photos
        var preparer: Preparer
        do throws(ImagingError) { preparer = try Preparer(preprocessing) } catch {
            throw Failure(.internal, "\(error)")
        }
        var pictures: [[UInt8]] = []
        var complaints: [String] = []
        for (index, photo) in photos.enumerated() {
            Terminal.progress("quantize: read photo \(index + 1) of \(photos.count)")
            let frame: Frame
            do throws(Failure) { frame = try PhotoFolder.frame(at: photo.path) } catch {
                complaints.append(error.message)
                continue
            }
            do throws(ImagingError) { pictures.append(try preparer.prepare(frame)) } catch {
                complaints.append("\(error)")
            }
        }
        Terminal.endProgress()
        guard !pictures.isEmpty else {
            throw Failure(
                .badData, "\(calib): none of the \(photos.count) photos could be decoded; the first: \(complaints[0])")
        }
        for complaint in complaints.prefix(5) { Terminal.note("tarsier: left out: \(complaint)") }
        return (pictures, complaints)
    }
}

/// `--floor`: the least fidelity that is accepted.
enum Floor: ExpressibleByArgument, Equatable {
    case decibels(Double)
    case percent(Double)

    init?(argument: String) {
        let text = argument.lowercased()
        if text.hasSuffix("pp"), let value = Double(text.dropLast(2)), (0...100).contains(value) {
            self = .percent(value)
        } else if let value = Double(text.hasSuffix("db") ? String(text.dropLast(2)) : text), value.isFinite {
            self = .decibels(value)
        } else {
            return nil
        }
    }

    func check(_ report: QuantizationReport) throws(Failure) {
        switch self {
        case .decibels(let least) where report.outputDecibels < least:
            throw Failure(
                .belowFloor,
                "the logits have \(report.outputDecibels.text(1)) dB, the floor is \(least.text(1)) dB; nothing was written; "
                    + "more or more typical photos may help")
        case .percent(let least) where report.agreement * 100 < least:
            throw Failure(
                .belowFloor,
                "int8 agrees with float on \((report.agreement * 100).text(1)) % of the photos, the floor is \(least.text(1)) %; "
                    + "nothing was written; more or more typical photos may help")
        case .decibels, .percent: return
        }
    }
}

/// The report of `quantize`; names are the contract's.
struct QuantizeReport: Encodable {
    struct Layer: Encodable {
        let name: String
        let sqnrDb: Double?
        let method: String
        let weightRange: [Float]
        let observedRange: [Float]
        let quantizedRange: [Float]
        let deadChannels: Int
    }

    let output: String
    let sha256: String
    let images: Int
    let method: String
    let layers: [Layer]
    let outputSqnrDb: Double
    /// Fraction of photos on which int8 and float give the same best label.
    let agreementTop1: Double
    let warnings: [String]
    let seconds: Double

    init(
        output: String, sha256: String, photos: Int, _ report: QuantizationReport, warnings: [String], seconds: Double
    ) {
        self.output = output
        self.sha256 = sha256
        images = photos
        method = report.method
        layers = report.layers.map { layer in
            Layer(
                name: layer.name, sqnrDb: layer.sqnrDecibels, method: layer.method,
                weightRange: [layer.weightRange.lowerBound, layer.weightRange.upperBound],
                observedRange: [layer.observedRange.lowerBound, layer.observedRange.upperBound],
                quantizedRange: [layer.quantizedRange.lowerBound, layer.quantizedRange.upperBound],
                deadChannels: layer.deadChannels)
        }
        outputSqnrDb = report.outputDecibels
        agreementTop1 = report.agreement
        self.warnings = warnings
        self.seconds = seconds
    }

    func print() {
        Terminal.line(
            "layer                          SQNR dB   (signal over quantization noise, all before it quantized too)")
        for layer in layers {
            let bar = String(repeating: "#", count: max(0, min(40, Int(layer.sqnrDb ?? 0))))
            Terminal.line(layer.name.padded(28) + (layer.sqnrDb?.text(1) ?? "-").padded(10, right: true) + "   " + bar)
        }
        Terminal.line("")
        for warning in warnings.prefix(12) { Terminal.line("warning: \(warning)") }
        if warnings.count > 12 { Terminal.line("and \(warnings.count - 12) more warnings; --json lists them") }
        Terminal.line(
            "\(output): \(images) photos, \(method), logits at \(outputSqnrDb.text(1)) dB, same best label as float on "
                + "\((agreementTop1 * 100).text(1)) % of the photos, \(seconds.text(1)) s\nsha256 \(sha256)")
    }
}
