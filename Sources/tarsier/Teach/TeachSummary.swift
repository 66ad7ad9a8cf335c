import Daemon
import Graphs
import Quantization
import Teaching

/// The report of `teach`; fractions in [0, 1]. What is said of photos is said by heads that were trained without them.
struct TeachSummary: Encodable {
    struct Accuracy: Encodable {
        let top1: Double
        /// Wilson's interval, 95 %.
        let low: Double
        let high: Double
        let photos: Int
        let folds: Int
    }

    struct Class: Encodable {
        let label: String
        let photos: Int
        let right: Int
        /// Mean negative log-likelihood of its photos at the model's temperature.
        let loss: Double
    }

    struct Photo: Encodable {
        let file: String
        let label: String
        let answer: String
        let score: Double
    }

    struct Trial: Encodable {
        let penalty: Double
        let loss: Double
        let top1: Double
        let chosen: Bool
    }

    struct Advice: Encodable {
        let label: String
        let text: String
    }

    struct Seconds: Encodable {
        let read: Double
        let total: Double
    }

    let output: String
    let sha256: String
    let bytes: Int
    let base: String
    let baseSha256: String
    let labels: [String]
    let images: Int
    let fewShot: Bool
    let accuracy: Accuracy
    let classes: [Class]
    /// [truth][answer] photos.
    let confusion: [[Int]]
    let wrong: [Photo]
    let moreOf: Advice
    let trials: [Trial]
    let temperature: Float
    let unknownThreshold: Float
    /// Share of the photos of classes, of those of other things (folder `unknown`), and of drawn pictures of nothing.
    let calledUnknown: Double
    let othersCalledUnknown: Double?
    let nothingCalledUnknown: Double
    /// Share of the photos on which the int8 model says what the head in double precision says.
    let agreement: Double
    let findings: [String]
    let seconds: Seconds

    init(
        output: String, written: LoadedModel, base: LoadedModel, bytes: Int, photos: TeachingPhotos,
        outcome: Teacher.Outcome, seconds: Seconds
    ) {
        (self.output, sha256, self.bytes) = (output, written.sha256, bytes)
        (self.base, baseSha256) = (base.path, base.sha256)
        labels = photos.labels
        fewShot = photos.isFewShot
        (temperature, unknownThreshold) = (outcome.model.temperature, outcome.model.unknownThreshold)
        let (scale, threshold) = (outcome.validation.temperature, Double(outcome.model.unknownThreshold))
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: photos.labels.count), count: photos.labels.count)
        var losses = [Double](repeating: 0, count: photos.labels.count)
        var (wrong, unknown, images): ([Photo], Int, Int) = ([], 0, 0)
        for (sample, index) in photos.used.enumerated() {
            guard let truth = photos.labelOf[index], let logits = outcome.validation.logits[sample] else { continue }
            let answer = Answer(logits: logits, label: truth)
            let score = answer.confidence(temperature: scale)
            images += 1
            confusion[truth][answer.best] += 1
            losses[truth] += PlainMath.loss(logits, label: truth, temperature: scale)
            if score < threshold { unknown += 1 }
            if !answer.isRight {
                wrong.append(
                    Photo(
                        file: photos.photos.facts[index].path, label: photos.labels[truth],
                        answer: photos.labels[answer.best], score: score))
            }
        }
        self.images = images
        self.confusion = confusion
        self.wrong = wrong.sorted { $0.score > $1.score }
        let interval = WilsonInterval(right: images - wrong.count, of: max(1, images))
        accuracy = Accuracy(
            top1: Double(images - wrong.count) / Double(max(1, images)), low: interval.low, high: interval.high,
            photos: images, folds: outcome.foldCount)
        classes = photos.labels.indices.map { label in
            let count = confusion[label].reduce(0, +)
            return Class(
                label: photos.labels[label], photos: count, right: confusion[label][label],
                loss: losses[label] / Double(max(1, count)))
        }
        moreOf = TeachSummary.advice(classes, confusion)
        trials = outcome.validation.trials.enumerated().map { index, trial in
            Trial(
                penalty: trial.penalty, loss: trial.loss, top1: trial.accuracy,
                chosen: index == outcome.validation.chosen)
        }
        calledUnknown = Double(unknown) / Double(max(1, images))
        othersCalledUnknown = outcome.othersUnknown
        nothingCalledUnknown = outcome.nothingUnknown
        agreement = outcome.agreement
        findings = photos.findings
        self.seconds = seconds
    }

    /// The class whose held-back photos cost most, and what it is taken for.
    private static func advice(_ classes: [Class], _ confusion: [[Int]]) -> Advice {
        let index = classes.indices.max { (classes[$0].loss, -$0) < (classes[$1].loss, -$1) } ?? 0
        let worst = classes[index]
        let rivals = confusion[index].enumerated().filter { $0.offset != index && $0.element > 0 }
        let rival = rivals.max { ($0.element, -$0.offset) < ($1.element, -$1.offset) }
        let text: String
        if let rival {
            text =
                "more photos of \(worst.label) would help most: \(worst.photos - worst.right) of \(worst.photos) are taken for "
                + "something else, mostly \(classes[rival.offset].label)"
        } else {
            text = "more photos of \(worst.label) would help most: it is told from the others with the least certainty"
        }
        return Advice(label: worst.label, text: text)
    }

    func print() {
        let width = max(12, (labels.map(\.count).max() ?? 0) + 2)
        Terminal.line("held back in \(accuracy.folds) parts, each photo answered by a head that was trained without it")
        Terminal.line("class".padded(width) + "photos   right   taken for")
        for (row, own) in classes.enumerated() {
            let taken = confusion[row].enumerated().filter { $0.offset != row && $0.element > 0 }
                .sorted { $0.element == $1.element ? $0.offset < $1.offset : $0.element > $1.element }
                .prefix(4).map { "\($0.element) \(labels[$0.offset])" }
            Terminal.line(
                own.label.padded(width) + "\(own.photos)".padded(6, right: true) + "\(own.right)".padded(8, right: true)
                    + "   " + (taken.isEmpty ? "-" : taken.joined(separator: ", ")))
        }
        Terminal.line("")
        for photo in wrong.prefix(12) {
            Terminal.line("wrong: \(photo.file): \(photo.answer) \(photo.score.text(2)), not \(photo.label)")
        }
        if wrong.count > 12 { Terminal.line("and \(wrong.count - 12) more; --json lists them") }
        for finding in findings.prefix(20) { Terminal.line("note: \(finding)") }
        if findings.count > 20 { Terminal.line("and \(findings.count - 20) more notes; --json lists them") }
        Terminal.line(moreOf.text)
        if fewShot {
            Terminal.line(
                "few-shot: the smallest class has fewer than \(TeachingPhotos.fewShot) photos; take these figures as rough"
            )
        }
        func percent(_ share: Double) -> String { (share * 100).text(1) + " %" }
        let others = othersCalledUnknown.map { ", \(percent($0)) of the photos in unknown" } ?? ""
        Terminal.line(
            "unknown below \(Double(unknownThreshold).text(2)): \(percent(calledUnknown)) of the photos\(others), "
                + "\(percent(nothingCalledUnknown)) of pictures of nothing; int8 agrees on \(percent(agreement))")
        Terminal.line(
            "\(output): \(labels.count) classes, \(images) photos, accuracy \(percent(accuracy.top1)) "
                + "(95 %: \((accuracy.low * 100).text(1)) to \((accuracy.high * 100).text(1))), "
                + "\(seconds.total.text(1)) s\nsha256 \(sha256)")
    }
}
