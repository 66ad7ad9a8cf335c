import Daemon
import Quantization

/// The report of `quantize`; names are the contract's, fractions in [0, 1].
struct QuantizeSummary: Encodable {
    struct Layer: Encodable {
        let name: String
        let sqnrDb: Double?
        /// Noise over signal: gathered in the whole network, of this layer alone, of its int8 weights alone, of int8 inputs
        /// alone.
        let noise: Double
        let ownNoise: Double
        let weightNoise: Double
        let activationNoise: Double
        let method: String
        let weightRange: [Float]
        let observedRange: [Float]
        let quantizedRange: [Float]
        let deadChannels: Int
        /// Where its own noise comes from, in words.
        let why: String
    }

    struct Step: Encodable {
        let method: String
        let outputSqnrDb: Double
        let centredSqnrDb: Double
        let agreementTop1: Double
        let chosen: Bool
    }

    struct Accuracy: Encodable {
        let images: Int
        let top1: Double
        let top5: Double
        let floatTop1: Double
        let floatTop5: Double
    }

    struct Photo: Encodable {
        let file: String
        let float: String
        let int8: String
        let difference: Float
    }

    struct Finding: Encodable {
        let kind: String
        let text: String
    }

    let output: String
    let sha256: String
    let images: Int
    let method: String
    let layers: [Layer]
    let methods: [Step]
    /// On photos that no range was chosen from.
    let outputSqnrDb: Double
    let heldBackImages: Int
    /// Fraction of all photos on which the engine and the float network give the same best label.
    let agreementTop1: Double
    /// Where sub-folders carry the labels' names.
    let accuracy: Accuracy?
    let worst: [Photo]
    let findings: [Finding]
    let warnings: [String]
    let bytes: Int
    let seconds: Double

    init(
        output: String, sha256: String, bytes: Int, _ report: QuantizationReport, _ verdict: Verdict,
        _ photos: CalibrationPhotos, labels: [String], findings: [CalibrationDoctor.Finding], seconds: Double
    ) {
        (self.output, self.sha256, self.bytes, self.seconds) = (output, sha256, bytes, seconds)
        images = report.calibrationImages
        method = report.method
        layers = report.layers.map { layer in
            Layer(
                name: layer.name, sqnrDb: layer.sqnrDecibels.flatMap { $0.isFinite ? $0 : nil },
                noise: layer.cumulativeNoise.finite, ownNoise: layer.ownNoise.finite,
                weightNoise: layer.weightNoise.finite,
                activationNoise: layer.activationNoise.finite, method: layer.method,
                weightRange: [layer.weightRange.lowerBound, layer.weightRange.upperBound],
                observedRange: [layer.observedRange.lowerBound, layer.observedRange.upperBound],
                quantizedRange: [layer.quantizedRange.lowerBound, layer.quantizedRange.upperBound],
                deadChannels: layer.deadChannels, why: layer.why)
        }
        methods = report.steps.map {
            Step(
                method: $0.name, outputSqnrDb: $0.decibels.finite, centredSqnrDb: $0.centredDecibels.finite,
                agreementTop1: $0.agreement, chosen: $0.isChosen)
        }
        outputSqnrDb = report.outputDecibels.finite
        heldBackImages = report.measuredImages
        agreementTop1 = verdict.agreement
        accuracy =
            verdict.int8.photos == 0
            ? nil
            : Accuracy(
                images: verdict.int8.photos, top1: verdict.int8.topOneAccuracy, top5: verdict.int8.topFiveAccuracy,
                floatTop1: verdict.float.topOneAccuracy, floatTop5: verdict.float.topFiveAccuracy)
        worst = verdict.worst(12).map {
            Photo(
                file: photos.facts[$0.index].path, float: labels[$0.floatBest], int8: labels[$0.best],
                difference: $0.difference)
        }
        self.findings = findings.map { Finding(kind: $0.kind.rawValue, text: $0.text) }
        warnings = photos.complaints + findings.filter { $0.kind != .unreadable }.map(\.text) + report.warnings
    }
}

extension Double {
    /// For JSON, which has no infinity.
    fileprivate var finite: Double { isFinite ? self : (self > 0 ? 1e9 : -1e9) }
}

extension QuantizeSummary {
    /// Sorted bars, methods, findings, and one line to remember.
    func print() {
        Terminal.line("noise over signal in percent, the layer that adds most first")
        Terminal.line(
            "layer".padded(24) + "own".padded(8, right: true) + "weights".padded(9, right: true)
                + "inputs".padded(8, right: true) + "gathered".padded(10, right: true))
        let sorted = layers.sorted { $0.ownNoise > $1.ownNoise }
        let most = max(sorted.first?.ownNoise ?? 0, 1e-9)
        for layer in sorted {
            let bar = String(repeating: "#", count: Int((layer.ownNoise / most * 28).rounded(.up)))
            Terminal.line(
                layer.name.padded(24) + (100 * layer.ownNoise).text(3).padded(8, right: true)
                    + (100 * layer.weightNoise).text(3).padded(9, right: true)
                    + (100 * layer.activationNoise).text(3).padded(8, right: true)
                    + (100 * layer.noise).text(3).padded(10, right: true) + "  " + bar)
        }
        for layer in sorted.prefix(3) where layer.ownNoise > 0 { Terminal.line("\(layer.name): \(layer.why)") }
        Terminal.line("")
        Terminal.line("method, on \(heldBackImages) photos held back".padded(52) + "logits dB   same answer")
        for step in methods {
            Terminal.line(
                (step.chosen ? "* " : "  ") + step.method.padded(50) + step.outputSqnrDb.text(1).padded(9, right: true)
                    + ((step.agreementTop1 * 100).text(1) + " %").padded(14, right: true))
        }
        Terminal.line("")
        for warning in warnings.prefix(40) { Terminal.line("note: \(warning)") }
        if warnings.count > 40 { Terminal.line("and \(warnings.count - 40) more notes; --json lists them") }
        for photo in worst where photo.float != photo.int8 {
            Terminal.line("differs: \(photo.file): float says \(photo.float), int8 says \(photo.int8)")
        }
        if let accuracy {
            Terminal.line(
                "on \(accuracy.images) labelled photos: float top-1 \((accuracy.floatTop1 * 100).text(2)) %, "
                    + "int8 top-1 \((accuracy.top1 * 100).text(2)) %, top-5 \((accuracy.top5 * 100).text(2)) %")
        }
        Terminal.line(
            "\(output): \(images) photos, \(method), logits at \(outputSqnrDb.text(1)) dB, same best label as float on "
                + "\((agreementTop1 * 100).text(1)) % of the photos, \(bytes / 1024) KiB, \(seconds.text(1)) s\n"
                + "sha256 \(sha256)")
    }
}
