/// Chooses the penalty by what heads say of photos that they were not trained on.
package struct CrossValidation: Sendable {
    /// Strongest first, so that each fit begins near its end: half decades.
    package static let penalties: [Double] = [30, 10, 3, 1, 0.3, 0.1, 0.03, 0.01]

    package let table: FeatureTable
    package let folds: Folds

    package init(_ table: FeatureTable, folds: Folds) { (self.table, self.folds) = (table, folds) }

    /// What one fold's heads say of its photos: [penalties][heldBack][classes]. Independent of the other folds.
    package func run(fold: Int) -> [[[Double]]] {
        let trainer = SoftmaxTrainer(table, samples: folds.training(fold))
        let heldBack = folds.heldBack(fold)
        var solution: SoftmaxTrainer.Solution?
        return CrossValidation.penalties.map { penalty in
            let next = trainer.fit(penalty: penalty, from: solution)
            solution = next
            let head = trainer.head(next)
            return heldBack.map { head.logits(table.row(table.samples[$0].rows.lowerBound)) }
        }
    }

    /// What the folds say together.
    package struct Outcome: Sendable {
        package struct Trial: Hashable, Sendable {
            package let penalty: Double
            /// Mean loss of the classes at the best temperature.
            package let loss: Double
            /// Share of the photos with the right label, in [0, 1].
            package let accuracy: Double
        }

        package let trials: [Trial]
        /// Index of the trial with the least loss, the stronger penalty of equal ones.
        package let chosen: Int
        /// [samples][classes] of the chosen penalty, each by the head that was trained without it; nil for samples that
        /// always train.
        package let logits: [[Double]?]
        package let temperature: Double

        package var penalty: Double { trials[chosen].penalty }
    }

    /// - Parameter results: of `run`, by fold.
    package func choose(_ results: [[[[Double]]]]) -> Outcome {
        precondition(results.count == folds.count)
        var best: (loss: Double, index: Int, logits: [[Double]?], temperature: Double)?
        var trials: [Outcome.Trial] = []
        for (index, penalty) in CrossValidation.penalties.enumerated() {
            var logits = [[Double]?](repeating: nil, count: table.samples.count)
            for fold in 0..<folds.count {
                for (place, sample) in folds.heldBack(fold).enumerated() {
                    logits[sample] = results[fold][index][place]
                }
            }
            let answers = logits.enumerated().compactMap { sample, logits in
                table.samples[sample].target.label.flatMap { label in logits.map { Answer(logits: $0, label: label) } }
            }
            let calibration = Calibration(answers, classes: table.classes)
            let right = answers.count { $0.isRight }
            trials.append(
                Outcome.Trial(
                    penalty: penalty, loss: calibration.loss,
                    accuracy: answers.isEmpty ? 0 : Double(right) / Double(answers.count)))
            if best.map({ calibration.loss < $0.loss - 1e-9 }) ?? true {
                best = (calibration.loss, index, logits, calibration.temperature)
            }
        }
        guard let best else { preconditionFailure("there are penalties") }
        return Outcome(trials: trials, chosen: best.index, logits: best.logits, temperature: best.temperature)
    }
}

/// The logits of a photo whose label is known.
package struct Answer: Hashable, Sendable {
    package let logits: [Double]
    package let label: Int

    package init(logits: [Double], label: Int) { (self.logits, self.label) = (logits, label) }

    /// The first of the largest.
    package var best: Int { logits.indices.max { (logits[$0], -$0) < (logits[$1], -$1) } ?? 0 }
    package var isRight: Bool { best == label }

    /// Probability of the best label.
    package func confidence(temperature: Double) -> Double {
        PlainMath.softmax(logits, temperature: temperature)[best]
    }
}
