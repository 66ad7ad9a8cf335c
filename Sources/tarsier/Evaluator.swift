import Daemon
import Engine
import Graphs
import Imaging
import Kernels
import Quantization
import Tensors

/// The model that `evaluate` compares with: integer through the engine, float through the interpreter.
enum Opponent {
    case int8(Classifier)
    case float(FloatInterpreter)

    /// - Throws: when the file is neither, or its labels are not those of the model under test.
    init(
        _ path: String, features: CPUFeatures, labels: [String], region: RegionOfInterest?
    ) throws(Failure) {
        let others: [String]
        if let float = try? FloatModel(readingFrom: path) {
            do throws(GraphError) {
                let lowered = try Lowering.apply(to: float.graph)
                self = .float(try FloatInterpreter(lowered, std: float.preprocessing.std))
            } catch {
                throw Failure(error)
            }
            others = float.labels
        } else {
            let loaded = try LoadedModel(path)
            self = .int8(try Classifier(loaded.model, features: features, region: region))
            others = loaded.model.labels
        }
        guard others == labels else {
            throw Failure(.badData, "\(path): has other labels than the model under test; they cannot be compared")
        }
    }
}

/// Runs labelled photos through a model and, where there is one, through another.
struct Evaluator {
    struct Outcome {
        var own: Evaluation
        var other: Evaluation
        var pair = PairedEvaluation()
        /// Of every photo that was used, in their order.
        var answers: [Answer] = []
        /// What could not be used, one line each.
        var complaints: [String] = []
    }

    /// What was said of one photo.
    struct Answer {
        let path: String
        let truth: String
        let own: String
        /// Of the other model, where there is one.
        let other: String?
    }

    let classifier: Classifier
    let opponent: Opponent?

    func run(_ photos: [PhotoFolder.Photo], progress: (_ done: Int, _ accuracy: Double) -> Void) -> Outcome {
        let labels = classifier.labels
        let indices = Dictionary(zip(labels, labels.indices)) { first, _ in first }
        var outcome = Outcome(own: Evaluation(labels: labels), other: Evaluation(labels: labels))
        var unknownLabels: Set<String> = []
        for (done, photo) in photos.enumerated() {
            guard let label = photo.label, let truth = indices[label] else {
                let name = photo.label ?? "(none)"
                if unknownLabels.insert(name).inserted {
                    outcome.complaints.append(
                        "\(photo.path): label \(name) is not one of the model's; its photos are left out")
                }
                continue
            }
            do {
                try add(photo, truth: truth, to: &outcome)
            } catch let failure as Failure {
                outcome.complaints.append(failure.message)
            } catch {
                outcome.complaints.append("\(photo.path): \(error)")
            }
            if done % 20 == 0 { progress(done, outcome.own.topOneAccuracy) }
        }
        return outcome
    }

    private func add(_ photo: PhotoFolder.Photo, truth: Int, to outcome: inout Outcome) throws {
        let frame = try PhotoFolder.frame(at: photo.path)
        _ = try classifier.classify(frame)
        let logits = classifier.session.logits
        outcome.own.add(logits: logits, truth: truth)
        let (labels, own) = (classifier.labels, Evaluation.best(logits))
        guard let opponent else {
            outcome.answers.append(Answer(path: photo.path, truth: labels[truth], own: labels[own], other: nil))
            return
        }
        let others: [Float]
        switch opponent {
        case .int8(let other):
            _ = try other.classify(frame)
            others = other.session.logits
        case .float(let interpreter):
            others = interpreter.run(pixels: classifier.session.picture)
        }
        outcome.other.add(logits: others, truth: truth)
        outcome.pair.add(first: logits, second: others, truth: truth)
        outcome.answers.append(
            Answer(path: photo.path, truth: labels[truth], own: labels[own], other: labels[Evaluation.best(others)]))
    }
}

/// The report of `evaluate`; names are the contract's, fractions in [0, 1].
struct EvaluationReport: Encodable {
    struct Class: Encodable {
        let label: String
        let images: Int
        let top1: Double
    }

    struct Against: Encodable {
        let model: String
        let top1: Double
        let top5: Double
        let agreement: Double
        /// Points of top-1 lost against it, half the width of their 95 % interval, and the photos they come from.
        let lossPoints: Double
        let lossInterval: Double
        let onlyItRight: Int
        let onlyModelRight: Int
        /// Signal over noise of the logits less their mean; absent where they are the same.
        let logitsSqnrDb: Double?
        /// Mean divergence of the probabilities, in nats.
        let divergence: Double
    }

    let model: String
    let images: Int
    let top1: Double
    let top5: Double
    let perClass: [Class]
    /// [truth][answer] photos, in the order of `perClass`.
    let confusion: [[Int]]
    let against: Against?
    let skipped: Int

    init(model: String, against: String?, _ outcome: Evaluator.Outcome) {
        let own = outcome.own
        self.model = model
        images = own.photos
        top1 = own.topOneAccuracy
        top5 = own.topFiveAccuracy
        perClass = own.labels.indices.map { index in
            let counts = own.counts(of: index)
            return Class(
                label: own.labels[index], images: counts.photos,
                top1: counts.photos == 0 ? 0 : Double(counts.right) / Double(counts.photos))
        }
        confusion = own.confusion
        self.against = against.map {
            Against(
                model: $0, top1: outcome.other.topOneAccuracy, top5: outcome.other.topFiveAccuracy,
                agreement: outcome.pair.agreement, lossPoints: outcome.pair.loss, lossInterval: outcome.pair.interval,
                onlyItRight: outcome.pair.onlySecond, onlyModelRight: outcome.pair.onlyFirst,
                logitsSqnrDb: outcome.pair.decibels, divergence: outcome.pair.divergence)
        }
        skipped = outcome.complaints.count
    }

    func print(_ outcome: Evaluator.Outcome) {
        Terminal.line("\(model): \(images) photos, top-1 \((top1 * 100).text(2)) %, top-5 \((top5 * 100).text(2)) %")
        if let against {
            Terminal.line(
                "\(against.model): top-1 \((against.top1 * 100).text(2)) %, top-5 \((against.top5 * 100).text(2)) %, "
                    + "same answer on \((against.agreement * 100).text(2)) %")
            Terminal.line(
                "lost against it: \(against.lossPoints.text(2)) points, give or take \(against.lossInterval.text(2)) "
                    + "(95 %): \(against.onlyItRight) photos that only it gets right, \(against.onlyModelRight) the "
                    + "other way")
        }
        Terminal.line("")
        Terminal.line("label          photos   top-1")
        for row in perClass where row.images > 0 {
            Terminal.line(
                row.label.padded(14) + "\(row.images)".padded(7, right: true)
                    + ((row.top1 * 100).text(1) + " %").padded(9, right: true))
        }
        let worst = outcome.own.worstConfusions(8).filter { $0.photos > 1 }
        if !worst.isEmpty {
            Terminal.line("")
            Terminal.line("most confused")
        }
        for pair in worst {
            Terminal.line(
                "\(outcome.own.labels[pair.truth]) taken for \(outcome.own.labels[pair.answer]): \(pair.photos)")
        }
    }
}
