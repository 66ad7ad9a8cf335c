package import Graphs
import Tensors

/// From float weights and calibration pictures to the int8 model that ships, with a report. Deterministic: the same input
/// gives the same bytes, whatever the number of threads.
package struct Quantizer: Sendable {
    /// Threads to work with, at least 1.
    package var threads: Int
    /// nil lets the candidates compete by the signal-to-noise ratio of the logits.
    package var method: RangeMethod?
    /// Pictures that biases are corrected on; 0 leaves them alone.
    package var correctionImages = 32
    /// Pictures that figures are measured on.
    package var measuredImages = 64
    /// Pictures that the candidates compete on.
    package var competitionImages = 24
    /// Below this number of pictures there is a warning.
    package static let fewImages = 50

    package init(threads: Int = 2, method: RangeMethod? = nil) {
        self.threads = max(1, threads)
        self.method = method
    }

    /// What is being done, for a progress bar.
    package struct Progress: Sendable {
        package var stage: String
        package var done: Int
        package var total: Int
    }

    /// - Parameters:
    ///   - model: float weights, not lowered.
    ///   - pictures: prepared as the model's preprocessing says; at least one.
    ///   - progress: called on the calling thread.
    /// - Throws: when there is no picture, a picture is bad, or the network cannot be quantized.
    package func quantize(
        _ model: FloatModel, pictures: PictureSet, progress: (Progress) -> Void = { _ in }
    ) throws(QuantizationError) -> (model: Model, report: QuantizationReport) {
        guard pictures.count > 0 else {
            throw QuantizationError(code: .noInput, message: "there are no calibration pictures; give at least one")
        }
        let float: FloatInterpreter
        do { float = try FloatInterpreter(try Lowering.apply(to: model.graph), std: model.preprocessing.std) } catch {
            throw QuantizationError(error)
        }
        let histograms = try Calibrator(interpreter: float, threads: threads).histograms(pictures) {
            progress(Progress(stage: "calibrate", done: $0, total: pictures.count))
        }
        let measured = pictures.spread(measuredImages)
        let competition = pictures.spread(competitionImages)
        let candidates = method.map { [$0] } ?? RangeMethod.candidates
        var best: Attempt?
        for (index, method) in candidates.enumerated() {
            let attempt = try attempt(
                method, float, histograms, pictures, measured: candidates.count > 1 ? competition : measured)
            if attempt.fidelity.outputDecibels > best?.fidelity.outputDecibels ?? -.infinity { best = attempt }
            progress(Progress(stage: "choose ranges", done: index + 1, total: candidates.count))
        }
        guard var best else { throw QuantizationError(code: .badData, message: "the network's output is never finite") }
        if candidates.count > 1 {
            best.fidelity = try Fidelity.measure(
                float, best.graph, pictures: pictures, using: measured, threads: threads)
        }
        if correctionImages > 0 {
            let corrected = try BiasCorrection(float: float, threads: threads).apply(
                to: best.graph, pictures: pictures, using: pictures.spread(correctionImages))
            let fidelity = try Fidelity.measure(float, corrected, pictures: pictures, using: measured, threads: threads)
            if fidelity.outputDecibels > best.fidelity.outputDecibels {
                best.graph = corrected
                best.fidelity = fidelity
                best.description += "+bias-correction"
            }
            progress(Progress(stage: "correct biases", done: 1, total: 1))
        }
        let provenance = Provenance(
            sourceSHA256: model.sha256, calibrationDigest: try digest(pictures, size: model.graph.input.count),
            calibrationImages: pictures.count, method: best.description, source: model.source)
        let result = Model(
            graph: best.graph, preprocessing: model.preprocessing, labels: model.labels, temperature: model.temperature,
            unknownThreshold: model.unknownThreshold, provenance: provenance)
        return (result, report(best, float, histograms, pictures))
    }

    /// An integer graph with the ranges it was made with and how well it does.
    private struct Attempt {
        var graph: QuantizedGraph
        var ranges: [ValueRange]
        var deadChannels: [[Int]]
        var fidelity: Fidelity
        var description: String
    }

    private func attempt(
        _ method: RangeMethod, _ float: FloatInterpreter, _ histograms: [Histogram], _ pictures: PictureSet,
        measured: [Int]
    ) throws(QuantizationError) -> Attempt {
        let graph = float.graph
        let ranges = histograms.indices.map { value in
            let limit = GraphQuantizer.limit(of: value, graph)
            return method.range(of: histograms[value], isActivated: limit != nil, limit: limit ?? .infinity)
        }
        let quantizer = GraphQuantizer(graph: graph, shapes: float.shapes, std: float.std)
        let (quantized, dead) = try quantizer.quantize(ranges: ranges)
        let fidelity = try Fidelity.measure(float, quantized, pictures: pictures, using: measured, threads: threads)
        return Attempt(
            graph: quantized, ranges: ranges, deadChannels: dead, fidelity: fidelity, description: method.description)
    }

    /// SHA-256 over the sorted digests of the prepared pictures.
    private func digest(_ pictures: PictureSet, size: Int) throws(QuantizationError) -> String {
        let digests = try Parallel.map(Array(0..<pictures.count), threads: threads) {
            number throws(QuantizationError) in
            var hash = SHA256()
            hash.update(try pictures.pixels(number, size: size))
            return hash.hexDigest()
        }
        var hash = SHA256()
        for digest in digests.sorted() { hash.update(Array(digest.utf8)) }
        return hash.hexDigest()
    }

    private func report(
        _ attempt: Attempt, _ float: FloatInterpreter, _ histograms: [Histogram], _ pictures: PictureSet
    ) -> QuantizationReport {
        var warnings: [String] = []
        if pictures.count < Quantizer.fewImages {
            warnings.append("only \(pictures.count) calibration pictures; use at least \(Quantizer.fewImages)")
        }
        var layers: [QuantizationReport.Layer] = []
        for (index, node) in float.graph.nodes.enumerated() {
            let isLast = index == float.graph.nodes.count - 1
            let (histogram, range) = (histograms[index + 1], attempt.ranges[index + 1])
            let weights = float.graph.parameters["\(node.name).weight"] ?? [0]
            let observed = histogram.total == 0 ? 0...0 : histogram.minimum...histogram.maximum
            let dead = attempt.deadChannels[index].count
            let decibels = attempt.fidelity.decibels(index)
            if dead > 0 {
                warnings.append("\(node.name): \(dead) of \(float.shapes[index + 1].channels) channels are dead")
            }
            if let decibels, decibels < 10 { warnings.append("\(node.name): its signal-to-noise ratio is under 10 dB") }
            if decibels == nil { warnings.append("\(node.name): its output is always zero") }
            layers.append(
                QuantizationReport.Layer(
                    name: node.name, sqnrDecibels: decibels,
                    weightRange: weights.reduce(weights[0], min)...weights.reduce(weights[0], max),
                    observedRange: observed,
                    quantizedRange: isLast ? observed : range.low...range.high,
                    method: isLast ? "logits" : range.method.description, deadChannels: dead))
        }
        return QuantizationReport(
            layers: layers, outputDecibels: attempt.fidelity.outputDecibels, agreement: attempt.fidelity.agreement,
            measuredImages: attempt.fidelity.pictures, calibrationImages: pictures.count, method: attempt.description,
            warnings: warnings)
    }
}
