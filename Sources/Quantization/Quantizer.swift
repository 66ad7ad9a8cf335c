package import Graphs
import Tensors

/// From float weights and calibration pictures to the int8 model that ships, with a report. Deterministic: the same input
/// gives the same bytes, whatever the number of threads and the CPU.
package struct Quantizer: Sendable {
    /// Threads to work with, at least 1.
    package var threads: Int
    /// nil lets methods compete by the measured error of the logits, tensor by tensor and as a whole, with and without
    /// equalized channels; a method alone is applied as it is.
    package var method: RangeMethod?
    /// Pictures that biases are corrected on; 0 leaves them alone.
    package var correctionImages = 48
    /// Pictures that weights are fitted on, where there are enough of them that some are held back; 0 leaves them alone.
    package var fittingImages = 64
    /// Pictures that the report's figures are measured on; 0 measures nothing.
    package var measuredImages = 64
    /// Pictures that methods compete on.
    package var competitionImages = 32
    /// Pictures that say whether equalized channels pay.
    package var equalizationImages = 96
    /// Pictures that ranges of single tensors and layers are judged on.
    package var layerImages = 12
    /// Below this number of pictures there is a warning, and nothing is held back.
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
    ///   - progress: called from any of the threads.
    /// - Throws: when there is no picture, a picture is bad, or the network cannot be quantized.
    package func quantize(
        _ model: FloatModel, pictures: PictureSet, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) throws(QuantizationError) -> (model: Model, report: QuantizationReport) {
        guard pictures.count > 0 else {
            throw QuantizationError(code: .noInput, message: "there are no calibration pictures; give at least one")
        }
        let float: FloatInterpreter
        do { float = try FloatInterpreter(try Lowering.apply(to: model.graph), std: model.preprocessing.std) } catch {
            throw QuantizationError(error)
        }
        let split = PictureSplit(count: pictures.count, heldBack: measuredImages)
        let observed = try Calibrator(interpreter: float, threads: threads).observe(
            pictures, numbers: split.fitted, others: split.apart
        ) { progress(Progress(stage: "calibrate", done: $0, total: pictures.count)) }
        var competition = Competition(
            quantizer: self, pictures: pictures, split: split, logits: observed.pictures.mapValues(\.logits),
            progress: progress)
        if let method {
            try competition.enter(method, float, observed)
        } else {
            try competition.enterAll(float, observed, prefix: "")
        }
        let variants = method == nil ? try enterEqualized(float, observed, &competition) : [:]
        if correctionImages > 0 { try competition.correctBiases(correctionImages) }
        try lookAgain(variants, &competition)
        if method == nil && fittingImages > 0 && pictures.count >= Quantizer.fewImages {
            try competition.refitWeights(fittingImages)
        }
        let best = try competition.winner()
        let report = try report(best, competition, split, observed)
        let provenance = Provenance(
            sourceSHA256: model.sha256, calibrationDigest: try digest(pictures, size: model.graph.input.count),
            calibrationImages: pictures.count, method: best.description, source: model.source)
        let result = Model(
            graph: best.graph, preprocessing: model.preprocessing, labels: model.labels, temperature: model.temperature,
            unknownThreshold: model.unknownThreshold, provenance: provenance)
        return (result, report)
    }

    /// Tries equalized channels, in every scope, on some of the pictures.
    /// - Returns: the networks by family.
    private func enterEqualized(
        _ float: FloatInterpreter, _ observed: Observations, _ competition: inout Competition
    ) throws(QuantizationError) -> [String: FloatInterpreter] {
        let sample = PictureSet.spread(equalizationImages, over: competition.split.fitted)
        var variants: [String: FloatInterpreter] = [:]
        for scope in EqualizeChannels.Scope.allCases {
            let pass = EqualizeChannels(graph: float.graph, shapes: float.shapes, observed: observed)
            guard let graph = try pass.apply(scope) else { continue }
            let equalized: FloatInterpreter
            do { equalized = try FloatInterpreter(graph, std: float.std) } catch { throw QuantizationError(error) }
            let family = scope.rawValue + "+"
            let seen = try observe(equalized, sample, competition)
            try competition.enterAll(equalized, seen, prefix: family)
            variants[family] = equalized
        }
        return variants
    }

    /// Where an equalized network won that was seen on some of the pictures only, makes it again from all of them.
    private func lookAgain(
        _ variants: [String: FloatInterpreter], _ competition: inout Competition
    ) throws(QuantizationError) {
        let (fitted, family) = (competition.split.fitted, try competition.winner().family)
        guard let equalized = variants[family], equalizationImages < fitted.count else { return }
        competition.retire(family)
        try competition.enterAll(equalized, try observe(equalized, fitted, competition), prefix: family)
        if correctionImages > 0 { try competition.correctBiases(correctionImages, family: family) }
    }

    private func observe(
        _ float: FloatInterpreter, _ numbers: [Int], _ competition: Competition
    ) throws(QuantizationError) -> Observations {
        let progress = competition.progress
        return try Calibrator(interpreter: float, threads: threads).observe(competition.pictures, numbers: numbers) {
            progress(Progress(stage: "calibrate equalized channels", done: $0, total: numbers.count))
        }
    }

    /// SHA-256 over the sorted digests of the prepared pictures.
    private func digest(_ pictures: PictureSet, size: Int) throws(QuantizationError) -> String {
        let digests = try Parallel.map(Array(0..<pictures.count), threads: threads) {
            number, _ throws(QuantizationError) in
            var hash = SHA256()
            hash.update(try pictures.pixels(number, size: size))
            return hash.hexDigest()
        }
        var hash = SHA256()
        for digest in digests.sorted() { hash.update(Array(digest.utf8)) }
        return hash.hexDigest()
    }
}

/// Which pictures ranges are chosen from and which judge the result.
struct PictureSplit: Sendable {
    let fitted: [Int]
    /// Judges; where there are few pictures, some of the fitted ones.
    let heldBack: [Int]

    /// Held-back pictures that are not fitted.
    var apart: [Int] { heldBack.count + fitted.count > total ? [] : heldBack }
    private let total: Int

    /// - Parameter heldBack: at most so many, and at most a fifth.
    init(count: Int, heldBack limit: Int) {
        total = count
        let all = Array(0..<count)
        guard count >= Quantizer.fewImages else {
            (fitted, heldBack) = (all, PictureSet.spread(limit, over: all))
            return
        }
        let taken = Set(PictureSet.spread(min(limit, count / 5), over: all))
        heldBack = taken.sorted()
        fitted = all.filter { !taken.contains($0) }
    }
}
