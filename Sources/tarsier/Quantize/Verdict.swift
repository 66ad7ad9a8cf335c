import Daemon
import Engine
import Graphs
import Quantization
import Tensors

/// What the engine that ships makes of the calibration photos, beside the float network: the last word on a model before
/// it is written.
struct Verdict {
    /// A photo with both answers.
    struct Photo {
        let index: Int
        /// Largest difference of a logit, those of the photo shifted to the same mean.
        let difference: Float
        let floatBest: Int
        let best: Int
    }

    private(set) var photos: [Photo] = []
    private(set) var float: Evaluation
    private(set) var int8: Evaluation

    /// Share of the photos with the same best label, in [0, 1].
    var agreement: Double {
        photos.isEmpty ? 1 : Double(photos.count { $0.best == $0.floatBest }) / Double(photos.count)
    }

    private init(labels: [String]) { (float, int8) = (Evaluation(labels: labels), Evaluation(labels: labels)) }

    /// Runs every photo of which the float network's logits are known.
    static func of(
        _ model: Model, _ report: QuantizationReport, _ photos: CalibrationPhotos
    ) throws(Failure) -> Verdict {
        let labels = model.labels
        let indices = Dictionary(zip(labels, labels.indices)) { first, _ in first }
        let session = try Classifier.session(model.graph)
        var verdict = Verdict(labels: labels)
        for index in report.floatLogits.keys.sorted() {
            let pixels = try photos.pixels(index)
            session.setPicture(pixels.span)
            session.run(threads: 1)
            let truth = photos.facts[index].label.flatMap { indices[$0] }
            verdict.add(index, expected: report.floatLogits[index] ?? [], got: session.logits, truth: truth)
        }
        return verdict
    }

    private mutating func add(_ index: Int, expected: [Float], got: [Float], truth: Int?) {
        var (sum, largest): (Float, Float) = (0, 0)
        for (wanted, own) in zip(expected, got) { sum += wanted - own }
        let shift = sum / Float(max(1, got.count))
        for (wanted, own) in zip(expected, got) { largest = max(largest, abs(wanted - own - shift)) }
        photos.append(
            Photo(
                index: index, difference: largest, floatBest: Evaluation.best(expected), best: Evaluation.best(got)))
        guard let truth else { return }
        float.add(logits: expected, truth: truth)
        int8.add(logits: got, truth: truth)
    }

    /// The photos that differ most: other answers first, then the largest differences.
    func worst(_ count: Int) -> [Photo] {
        let sorted = photos.sorted { a, b in
            let (first, second) = (a.best != a.floatBest, b.best != b.floatBest)
            if first != second { return first }
            return a.difference == b.difference ? a.index < b.index : a.difference > b.difference
        }
        return Array(sorted.prefix(count))
    }
}
