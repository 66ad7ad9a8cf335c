import Teaching
import Tensors
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Tables with known answers.
enum Tables {
    /// Classes whose features stand around points of their own, at a distance in steps.
    static func clusters(
        classes: Int, photos: Int, width: Int, distance: Int, spread: Int, seed: UInt64, views: Int = 1
    ) -> FeatureTable {
        var random = SplitMix64(seed: seed)
        var table = FeatureTable(width: width, classes: classes)
        let centres = (0..<classes).map { _ in
            (0..<width).map { _ in random.next() % 2 == 0 ? -distance : distance }
        }
        for photo in 0..<photos {
            for label in 0..<classes {
                let rows = (0..<views).map { _ in
                    centres[label].map { centre in
                        Int8(clamping: centre + Int(random.next() % UInt64(2 * spread + 1)) - spread)
                    }
                }
                table.add(rows, .label(label), group: photo * classes + label)
            }
        }
        return table
    }
}

@Suite struct FittingTests {
    @Test func `Exponential and logarithm are those of the C library to 1e-14`() {
        for x in stride(from: -700.0, through: 700, by: 0.377) {
            #expect(abs(PlainMath.exp(x) / exp(x) - 1) < 1e-14, "exp(\(x))")
        }
        for k in 0..<2000 {
            let x = exp(Double(k - 1000) * 0.3)
            #expect(abs(PlainMath.log(x) - log(x)) <= 1e-14 * max(1, abs(log(x))), "log(\(x))")
        }
        #expect(PlainMath.exp(-1000) == 0 && PlainMath.exp(1000) == .infinity && PlainMath.exp(0) == 1)
    }

    @Test func `A feature that tells nothing leaves the even answer`() {
        var table = FeatureTable(width: 3, classes: 2)
        for group in 0..<10 { table.add([[7, 7, 7]], .label(group % 2), group: group) }
        let trainer = SoftmaxTrainer(table, samples: Array(0..<10))
        let logits = trainer.head(trainer.fit(penalty: 0.1)).logits([7, 7, 7] as [Int8])
        #expect(abs(logits[0] - logits[1]) < 1e-4)
    }

    @Test func `Two classes on one feature meet the closed condition of the optimum`() {
        // q = -1 and +1 standardise to -1 and +1 (deviation 1, mean 0); for weights u and -u the gradient is
        // -sigmoid(-2u) + penalty u = 0.
        var table = FeatureTable(width: 1, classes: 2)
        for group in 0..<8 { table.add([[group % 2 == 0 ? 1 : -1]], .label(group % 2), group: group) }
        let trainer = SoftmaxTrainer(table, samples: Array(0..<8))
        for penalty in [0.01, 0.1, 1.0] {
            let head = trainer.head(trainer.fit(penalty: penalty))
            let u = head.weights[0]
            #expect(abs(head.weights[1] + u) < 1e-4)
            #expect(abs(1 / (1 + exp(2 * u)) - penalty * u) < 3e-4, "penalty \(penalty): u \(u)")
        }
    }

    @Test(arguments: [2, 5, 8, 9, 20])
    func `Classes that stand apart are told apart`(classes: Int) {
        let table = Tables.clusters(classes: classes, photos: 6, width: 37, distance: 30, spread: 12, seed: 5)
        let trainer = SoftmaxTrainer(table, samples: Array(table.samples.indices))
        let solution = trainer.fit(penalty: 0.01)
        let head = trainer.head(solution)
        for sample in table.samples {
            let answer = Answer(
                logits: head.logits(table.row(sample.rows.lowerBound)), label: sample.target.label ?? -1)
            #expect(answer.isRight)
        }
        #expect(solution.iterations < 300)
    }

    @Test func `The optimum does not depend on where the search begins`() {
        let table = Tables.clusters(classes: 4, photos: 8, width: 16, distance: 6, spread: 30, seed: 8)
        let trainer = SoftmaxTrainer(table, samples: Array(table.samples.indices))
        let direct = trainer.fit(penalty: 0.03)
        let warm = trainer.fit(penalty: 0.03, from: trainer.fit(penalty: 10))
        #expect(abs(direct.value - warm.value) < 1e-5)
        let (a, b) = (trainer.head(direct), trainer.head(warm))
        for (x, y) in zip(a.weights, b.weights) { #expect(abs(x - y) < 1e-3) }
    }

    @Test func `A class with three times the photos weighs no more than the other`() {
        // The same two points; of one class there are three times as many. The bias stays even.
        var table = FeatureTable(width: 1, classes: 2)
        for group in 0..<3 { table.add([[1]], .label(0), group: group) }
        table.add([[-1]], .label(1), group: 3)
        let trainer = SoftmaxTrainer(table, samples: Array(0..<4))
        let head = trainer.head(trainer.fit(penalty: 0.1))
        let (high, low) = (head.logits([1] as [Int8]), head.logits([-1] as [Int8]))
        #expect(high[0] > high[1] && low[1] > low[0])
        let single = PlainMath.loss(high, label: 0) + PlainMath.loss(low, label: 1)
        var even = FeatureTable(width: 1, classes: 2)
        for group in 0..<3 { even.add([[1]], .label(0), group: group) }
        for group in 3..<6 { even.add([[-1]], .label(1), group: group) }
        let other = SoftmaxTrainer(even, samples: Array(0..<6))
        let evenHead = other.head(other.fit(penalty: 0.1))
        let evenLoss =
            PlainMath.loss(evenHead.logits([1] as [Int8]), label: 0)
            + PlainMath.loss(evenHead.logits([-1] as [Int8]), label: 1)
        #expect(abs(single - evenLoss) < 0.15)
    }

    @Test func `Samples of no class get an even answer`() {
        var table = Tables.clusters(classes: 3, photos: 10, width: 12, distance: 20, spread: 8, seed: 2)
        for group in 0..<12 {
            table.add([[Int8](repeating: Int8(100 + group), count: 12)], .none, group: 1000 + group)
        }
        func sureness(_ samples: [Int]) -> Double {
            let trainer = SoftmaxTrainer(table, samples: samples)
            let head = trainer.head(trainer.fit(penalty: 0.001))
            return PlainMath.softmax(head.logits([Int8](repeating: 105, count: 12))).max() ?? 1
        }
        let (with, without) = (sureness(Array(table.samples.indices)), sureness(Array(0..<30)))
        #expect(with < 0.6 && with < without, "\(with), without them \(without)")
    }

    @Test func `Weights for real features give the same logits`() {
        let head = SoftmaxHead(weights: [0.5, -0.25, 1, 2], bias: [0.1, -3])
        let (weights, bias) = head.real(scale: 0.02, zeroPoint: -7)
        let row: [Int8] = [11, -100]
        for (label, logit) in head.logits(row).enumerated() {
            var real = bias[label]
            for j in 0..<2 { real += weights[label * 2 + j] * 0.02 * Float(Int(row[j]) + 7) }
            #expect(abs(Double(real) - logit) < 1e-3)
        }
    }
}
