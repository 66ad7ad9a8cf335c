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
        discussion: """
            A fifth of the photos, 64 at most, is held back: no range is chosen from them, and methods are judged by them.
            Example: tarsier quantize --calib photos/ --weights sm_v2.float.safetensors --output sm_v2.int8.safetensors
            """)

    @Option(help: "Folder with photos (JPEG) like those the camera will see; sub-folders are read too.")
    var calib: String

    @Option(help: "Float weights, as training writes them; by default those beside the default model.")
    var weights: String?

    @Option(help: "The network, where the weights file does not name it; see `tarsier networks`.")
    var network: String?

    @Option(help: "The int8 model to write; an existing file is replaced only when everything has succeeded.")
    var output = "model.int8.safetensors"

    @Option(help: "Also write the report as one self-contained page.")
    var report: String?

    @Option(
        help: ArgumentHelp(
            "How pictures of another shape become the input: crop, letterbox or stretch; stored in the model. (default: as the weights say)",
            valueName: "FIT"))
    var fit: FitChoice?

    @OptionGroup var part: RegionOption

    @Option(help: "auto lets all methods compete; the others are applied as they are.")
    var method = MethodChoice.auto

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
        try OutputFiles.check([("--output", output), ("--report", report)], inputs: [("--weights", weights)])
        let begin = MonotonicClock.now()
        var float = try readWeights()
        if let fit { float.preprocessing = float.preprocessing.with(fit: fit.fit) }
        let photos = try CalibrationPhotos(
            calib, float.preprocessing, region: part.value, threads: threads
        ) { done, total in
            Terminal.progressBar("read photos", done, total)
        }
        Terminal.endProgress()
        for complaint in photos.complaints { Terminal.note("tarsier: left out: \(complaint)") }
        let (model, report) = try quantize(float, photos)
        let verdict = try Verdict.of(model, report, photos)
        try floor?.check(report, agreement: verdict.agreement)
        // What is written can be read again: known before it replaces anything.
        let encoded = model.encoded()
        do throws(ModelFileError) { _ = try Model(parsing: encoded, path: output) } catch { throw Failure(error) }
        let digest = unsafe SHA256.hexDigest(of: encoded.span.bytes)
        let findings = CalibrationDoctor(
            photos: photos.facts, labels: float.labels, isCropped: float.preprocessing.fit == .crop
        )
        .findings(spread: report.spread)
        let summary = QuantizeSummary(
            output: output, sha256: digest, bytes: encoded.count, report, verdict,
            photos,
            labels: float.labels, findings: findings, seconds: Double(MonotonicClock.now() - begin) / 1e9)
        if let page = self.report {
            try ReportPageWriter(summary: summary, report: report, verdict: verdict, photos: photos, float: float)
                .write(to: page)
        }
        // The last of all: what it replaces may be in use.
        do throws(ModelFileError) { try model.write(to: output) } catch { throw Failure(error) }
        if json { try Terminal.json(summary) } else { summary.print() }
    }

    private func quantize(
        _ float: FloatModel, _ photos: CalibrationPhotos
    ) throws -> (model: Model, report: QuantizationReport) {
        var quantizer = Quantizer(threads: threads, method: method.range)
        if method.range != nil { quantizer.correctionImages = 0 }
        do throws(QuantizationError) {
            let result = try quantizer.quantize(float, pictures: photos.set) { step in
                Terminal.progressBar(step.stage, step.done, step.total)
            }
            Terminal.endProgress()
            return result
        } catch {
            throw Failure(error.code == .noInput ? .noInput : .badData, "\(error)")
        }
    }

    private func readWeights() throws -> FloatModel {
        let path =
            try weights
            ?? ModelLocator.locate(nil, option: "--weights").replacing(
                ModelLocator.fileName, with: "sm_v2.float.safetensors")
        do throws(ModelFileError) {
            return try FloatModel(readingFrom: path, network: network)
        } catch {
            throw Failure(error)
        }
    }
}

/// `--method`.
enum MethodChoice: String, ExpressibleByArgument, CaseIterable {
    case auto
    case minMax = "min-max"
    case percentile
    case leastSquares = "least-squares"
    case entropy

    /// nil lets them compete.
    var range: RangeMethod? {
        switch self {
        case .auto: nil
        case .minMax: .minMax
        case .percentile: .percentile(99.99)
        case .leastSquares: .leastSquares
        case .entropy: .entropy
        }
    }
}

/// `--fit`.
enum FitChoice: String, ExpressibleByArgument, CaseIterable {
    case crop, letterbox, stretch

    var fit: Preprocessing.Fit {
        switch self {
        case .crop: .crop
        case .letterbox: .letterbox
        case .stretch: .stretch
        }
    }
}
