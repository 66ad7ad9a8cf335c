import Teaching
import Tensors
import Testing

@Suite struct ValidationTests {
    @Test(arguments: [2, 3, 5, 7])
    func `Folds split each class evenly and keep groups together`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        var table = FeatureTable(width: 1, classes: 4)
        for photo in 0..<60 { table.add([[0]], .label(photo % 4), group: photo) }
        let alike = (0..<12).map { _ in Int(random.next() % 60) }
        for photo in alike { table.add([[0]], .label(photo % 4), group: photo) }
        let folds = Folds(table, count: count, seed: 9)
        for group in 0..<60 {
            let own = table.samples.indices.filter { table.samples[$0].group == group }.map { folds.foldOf[$0] }
            #expect(Set(own).count == 1 && own[0] != nil)
        }
        for fold in 0..<count {
            let (held, trained) = (folds.heldBack(fold), folds.training(fold))
            #expect(Set(held).isDisjoint(with: trained) && held.count + trained.count == 72)
            for label in table.counts(held) { #expect(abs(label - 18 / count) <= 4) }
        }
        #expect(folds.foldOf == Folds(table, count: count, seed: 9).foldOf)
        #expect(folds.foldOf != Folds(table, count: count, seed: 10).foldOf)
    }

    @Test func `A class whose photos all look the same is split all the same`() {
        var table = FeatureTable(width: 1, classes: 2)
        for photo in 0..<10 { table.add([[0]], .label(0), group: photo) }
        for _ in 0..<10 { table.add([[0]], .label(1), group: 99) }
        let folds = Folds(table, count: 5, seed: 1)
        for fold in 0..<5 { #expect(table.counts(folds.heldBack(fold)) == [2, 2]) }
    }

    @Test func `Samples that are not split are in every training part`() {
        var table = FeatureTable(width: 1, classes: 2)
        for photo in 0..<10 { table.add([[0]], .label(photo % 2), group: photo) }
        table.add([[0]], .none, group: -1)
        let folds = Folds(table, count: 5, seed: 1, isSplit: { $0 < 10 })
        for fold in 0..<5 { #expect(folds.training(fold).contains(10) && folds.heldBack(fold).count == 2) }
    }

    @Test func `Cross-validation finds what is there and does not find what is not`() {
        func accuracy(distance: Int) -> Double {
            let table = Tables.clusters(classes: 3, photos: 20, width: 24, distance: distance, spread: 40, seed: 4)
            let validation = CrossValidation(table, folds: Folds(table, count: 5, seed: 1))
            let outcome = validation.choose((0..<5).map { validation.run(fold: $0) })
            #expect(outcome.logits.allSatisfy { $0?.count == 3 })
            return outcome.trials[outcome.chosen].accuracy
        }
        #expect(accuracy(distance: 30) > 0.95)
        #expect(accuracy(distance: 0) < 0.55)
    }

    @Test func `The chosen penalty has the least loss of all that were tried`() {
        let table = Tables.clusters(classes: 3, photos: 12, width: 20, distance: 8, spread: 40, seed: 6, views: 2)
        let validation = CrossValidation(table, folds: Folds(table, count: 4, seed: 1))
        let outcome = validation.choose((0..<4).map { validation.run(fold: $0) })
        #expect(outcome.trials.map(\.loss).min().map { outcome.trials[outcome.chosen].loss <= $0 + 1e-9 } == true)
        #expect(outcome.trials.map(\.penalty) == CrossValidation.penalties)
    }

    @Test(arguments: [0.4, 1.0, 2.5])
    func `The temperature undoes a scale`(scale: Double) {
        // Labels drawn from known probabilities; logits that are too sure by `scale`.
        var random = SplitMix64(seed: 3)
        let answers = (0..<4000).map { _ in
            let logits = (0..<3).map { _ in Double(random.float(in: -2, 2)) }
            let share = PlainMath.softmax(logits)
            let drawn = Double(random.float(in: 0, 1))
            let label = drawn < share[0] ? 0 : drawn < share[0] + share[1] ? 1 : 2
            return Answer(logits: logits.map { $0 * scale }, label: label)
        }
        let calibration = Calibration(answers, classes: 3)
        #expect(abs(calibration.temperature / scale - 1) < 0.08, "\(calibration.temperature)")
    }

    @Test func `A few right answers make nobody sure of everything`() {
        let answers = (0..<10).map { Answer(logits: $0 % 2 == 0 ? [1, -1] : [-1, 1], label: $0 % 2) }
        let calibration = Calibration(answers, classes: 2)
        // Six in seven: (5 + 1) / (5 + 2) of confidence is what five photos of a class allow.
        #expect(abs((answers[0].confidence(temperature: calibration.temperature)) - 6.0 / 7) < 0.01)
    }

    @Test func `Nothing held back leaves logits as they are`() {
        #expect(Calibration([], classes: 2).temperature == 1)
    }

    @Test func `The threshold turns away at most its share, and no threshold above it does`() {
        let confidences = (0..<100).map { 0.3 + Double($0) * 0.006 }
        let threshold = Calibration.unknownThreshold(confidences, classes: 4)
        #expect(confidences.count { $0 < threshold } <= 2)
        #expect(confidences.count { $0 < threshold + 0.01 } > 2)
        // Three photos of fifty: little above the even answer, and never above what all of them pass.
        #expect(Calibration.unknownThreshold([0.8, 0.9, 0.9], classes: 2) == 0.51)
        #expect(Calibration.unknownThreshold([0.2, 0.9, 0.9], classes: 2) == 0.2)
        #expect(Calibration.unknownThreshold([], classes: 2) == 0.5)
    }

    @Test func `Wilson's interval is the published one`() {
        // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
        let cases = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)]
        for (right, count, low, high) in cases {
            let interval = WilsonInterval(right: right, of: count)
            #expect(abs(interval.low - low) < 5e-4 && abs(interval.high - high) < 5e-4, "\(right) of \(count)")
        }
        #expect(WilsonInterval(right: 20, of: 20).high == 1)
    }
}
