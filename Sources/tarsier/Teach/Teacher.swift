import Daemon
import Engine
import Graphs
import Quantization
import Teaching
import Tensors

/// From photos by class to a model that knows them: features, cross-validation, head, int8.
struct Teacher {
    /// Seed of the folds and of the pictures of nothing; fixed, so that the same photos give the same bytes.
    static let seed: UInt64 = 13
    static let folds = 5
    /// Views of a photo, as it is and changed; more where there are few photos.
    static let (views, fewShotViews) = (8, PictureViews.most)
    /// Pictures of nothing that teach, and others that are asked about afterwards.
    static let (nothing, otherNothing) = (24, 48)

    let base: LoadedModel
    let photos: TeachingPhotos
    var threads = 2
    var mirrors = true

    /// What came of it.
    struct Outcome {
        var model: Model
        /// Samples in the order of `TeachingPhotos.used`, then pictures of nothing.
        var table: FeatureTable
        var validation: CrossValidation.Outcome
        var foldCount: Int
        /// Shares of pictures of nothing, and of photos of other things where there are any, that are called unknown.
        var nothingUnknown: Double
        var othersUnknown: Double?
        /// Share of the photos on which the int8 model and the head in double precision say the same.
        var agreement: Double
    }

    func teach(progress: @escaping @Sendable (_ stage: String, _ done: Int, _ total: Int) -> Void) throws -> Outcome {
        let table = try table(progress: progress)
        let known = photos.used.count
        let foldCount = photos.isFewShot ? photos.smallestClass : Teacher.folds
        let folds = Folds(table, count: foldCount, seed: Teacher.seed, isSplit: { $0 < known })
        let validation = CrossValidation(table, folds: folds)
        let results = Parallel.map(
            Array(0..<foldCount), threads: threads, done: { progress("hold back", $0, foldCount) }
        ) {
            fold, _ in validation.run(fold: fold)
        }
        let outcome = validation.choose(results)
        let head = head(table, outcome, progress: progress)
        let threshold = Calibration.unknownThreshold(
            Teacher.answers(table, outcome).map { $0.confidence(temperature: outcome.temperature) },
            classes: photos.labels.count)
        let model = try model(head, temperature: outcome.temperature, threshold: threshold, validation: outcome)
        return try judge(model, head, table, outcome, foldCount: foldCount, progress: progress)
    }

    private func table(progress: @escaping @Sendable (String, Int, Int) -> Void) throws(Failure) -> FeatureTable {
        let graph = base.model.graph
        let reader = FeatureReader(graph: graph, threads: threads)
        let used = photos.used
        let (extent, mirrors, photos) = (graph.input, mirrors, photos)
        let views = photos.isFewShot ? Teacher.fewShotViews : Teacher.views
        let rows = try reader.read(used.count, progress: { progress("look", $0, used.count) }) { item throws(Failure) in
            PictureViews.of(try photos.photos.pixels(used[item]), extent: extent, count: views, mirrors: mirrors)
        }
        let drawn = PicturesOfNothing.draw(Teacher.nothing, extent: extent, seed: Teacher.seed)
        let none = try reader.read(drawn.count, progress: { _ in }) { [drawn[$0]] }
        var table = FeatureTable(width: graph.features, classes: photos.labels.count)
        for (index, rows) in zip(used, rows) {
            table.add(rows, photos.labelOf[index].map { .label($0) } ?? .none, group: photos.groups[index])
        }
        for (index, rows) in none.enumerated() { table.add(rows, .none, group: -1 - index) }
        return table
    }

    /// The head of all photos, at the penalty that held-out photos like best. It comes down to it from the strongest one, as
    /// the folds did.
    private func head(
        _ table: FeatureTable, _ outcome: CrossValidation.Outcome, progress: (String, Int, Int) -> Void
    ) -> SoftmaxHead {
        let trainer = SoftmaxTrainer(table, samples: Array(table.samples.indices))
        var solution: SoftmaxTrainer.Solution?
        for (index, penalty) in CrossValidation.penalties.prefix(outcome.chosen + 1).enumerated() {
            progress("fit", index + 1, outcome.chosen + 1)
            solution = trainer.fit(penalty: penalty, from: solution)
        }
        guard let solution else { preconditionFailure("a penalty was chosen") }
        return trainer.head(solution)
    }

    private func model(
        _ head: SoftmaxHead, temperature: Double, threshold: Double, validation: CrossValidation.Outcome
    ) throws(Failure) -> Model {
        let old = base.model
        let params = old.graph.params(ofValue: old.graph.nodes[old.graph.nodes.count - 1].source)
        let (weights, bias) = head.real(scale: params.scale, zeroPoint: params.zeroPoint)
        var model = old
        do throws(QuantizationError) {
            model.graph = try HeadQuantizer.replaceHead(of: old.graph, weights: weights, bias: bias)
        } catch {
            throw Failure(.badData, "\(base.path): \(error)")
        }
        model.labels = photos.labels
        // Four decimals, as training writes them.
        model.temperature = Float((temperature * 1e4).rounded() / 1e4)
        model.unknownThreshold = Float(threshold)
        model.provenance.source =
            "taught: \(photos.labels.count) classes, \(photos.used.count) photos, penalty \(validation.penalty); "
            + "backbone: model \(base.sha256), \(old.provenance.source)"
        return model
    }

    /// Runs the finished model over the photos as they are, and over pictures it has not seen.
    private func judge(
        _ model: Model, _ head: SoftmaxHead, _ table: FeatureTable, _ outcome: CrossValidation.Outcome, foldCount: Int,
        progress: @escaping @Sendable (String, Int, Int) -> Void
    ) throws(Failure) -> Outcome {
        let session = try Classifier.session(model.graph)
        try SelfCheck.run(session, model.graph)
        let used = photos.used
        var same = 0
        for (sample, index) in used.enumerated() {
            _ = FeatureReader.features(of: try photos.photos.pixels(index), session)
            let exact = head.logits(table.row(table.samples[sample].rows.lowerBound))
            let own = Answer(logits: session.logits.map(Double.init), label: 0).best
            if own == Answer(logits: exact, label: 0).best { same += 1 }
            progress("check", sample + 1, used.count)
        }
        var refused = 0
        for picture in PicturesOfNothing.draw(
            Teacher.otherNothing, extent: model.graph.input, seed: Teacher.seed &+ 1)
        {
            _ = FeatureReader.features(of: picture, session)
            let answer = Answer(logits: session.logits.map(Double.init), label: 0)
            if answer.confidence(temperature: Double(model.temperature)) < Double(model.unknownThreshold) {
                refused += 1
            }
        }
        let others = outcome.logits.enumerated().compactMap { sample, logits in
            table.samples[sample].target == .none ? logits.map { Answer(logits: $0, label: 0) } : nil
        }
        let turnedAway = others.count {
            $0.confidence(temperature: outcome.temperature) < Double(model.unknownThreshold)
        }
        return Outcome(
            model: model, table: table, validation: outcome, foldCount: foldCount,
            nothingUnknown: Double(refused) / Double(Teacher.otherNothing),
            othersUnknown: others.isEmpty ? nil : Double(turnedAway) / Double(others.count),
            agreement: Double(same) / Double(max(1, used.count)))
    }

    /// What heads say of the photos of classes that they were not trained on, in the order of samples.
    static func answers(_ table: FeatureTable, _ outcome: CrossValidation.Outcome) -> [Answer] {
        outcome.logits.enumerated().compactMap { sample, logits in
            table.samples[sample].target.label.flatMap { label in logits.map { Answer(logits: $0, label: label) } }
        }
    }
}

extension QuantizedGraph {
    /// Features that the last layer reads.
    var features: Int { nodes.last.map { shape(ofValue: $0.source).channels } ?? 0 }
}
