/// Multinomial logistic regression on some samples of a table.
///
/// Minimises `sum of w[i] CE(target[i], softmax(z[i])) / sum of w + penalty / 2 * |U|^2` in double precision, z on standardised
/// features. Classes weigh the same whatever their number of photos, and so do the photos of a class, whatever their
/// number of views; samples of no class weigh `noneShare` of the rest together.
package struct SoftmaxTrainer: Sendable {
    /// Weight of all samples of no class, of the weight of all others. On five classes of 20 photos 0.1 let half of the pictures of
    /// nothing pass for something where the penalty was strong; from 0.5 on none did, at the same accuracy on test photos.
    static let noneShare = 1.0
    /// A feature that varies by less than so many of its steps counts as varying by that: its weight would otherwise be
    /// large, and the scale of all int8 weights with it.
    static let leastDeviation = 1.0
    static let (tolerance, iterations) = (2e-4, 100)

    private let table: FeatureTable
    /// Groups of eight classes.
    private let groups: Int
    /// Four rows with their targets and weights, zeros where there are fewer.
    private struct Block: Sendable {
        /// [width]
        var features: [SIMD4<Int8>]
        var targets: [FeatureTable.Target]
        var weights: SIMD4<Double>
    }

    private let blocks: [Block]
    private let mean: [Double]
    private let deviation: [Double]

    /// - Parameter samples: indices; at least one with a label.
    package init(_ table: FeatureTable, samples: [Int]) {
        self.table = table
        groups = (table.classes + 7) / 8
        let counts = table.counts(samples)
        let present = counts.count { $0 > 0 }
        let nones = samples.count - counts.reduce(0, +)
        precondition(present > 0, "there is something to learn")
        let rows = samples.flatMap { index -> [(index: Int, target: FeatureTable.Target, weight: Double)] in
            let sample = table.samples[index]
            let share =
                sample.target.label.map { 1 / Double(present * counts[$0]) }
                ?? SoftmaxTrainer.noneShare / Double(max(1, nones))
            return sample.rows.map { ($0, sample.target, share / Double(sample.rows.count)) }
        }
        blocks = stride(from: 0, to: rows.count, by: 4).map { first in
            var block = Block(
                features: Array(repeating: .zero, count: table.width), targets: Array(repeating: .none, count: 4),
                weights: .zero)
            for (k, row) in rows[first..<min(first + 4, rows.count)].enumerated() {
                for (j, q) in table.row(row.index).enumerated() { block.features[j][k] = q }
                (block.targets[k], block.weights[k]) = (row.target, row.weight)
            }
            return block
        }
        (mean, deviation) = SoftmaxTrainer.moments(table, rows.filter { $0.target != .none }.map(\.index))
    }

    private static func moments(_ table: FeatureTable, _ rows: [Int]) -> (mean: [Double], deviation: [Double]) {
        // Whole numbers: exact in any order.
        var sums = [Int](repeating: 0, count: table.width)
        var squares = sums
        for index in rows {
            let base = index * table.width
            for j in 0..<table.width {
                let q = Int(table.values[base + j])
                sums[j] += q
                squares[j] += q * q
            }
        }
        let count = Double(rows.count)
        let mean = sums.map { Double($0) / count }
        let deviation = zip(squares, mean).map { square, mean in
            max(leastDeviation, max(0, Double(square) / count - mean * mean).squareRoot())
        }
        return (mean, deviation)
    }

    /// Where a fit ended, so that the next one, with another penalty, can begin there.
    package struct Solution: Sendable {
        /// [width + 1][groups] on standardised features; the last are the biases.
        fileprivate let point: Minimizer.Vector
        package let iterations: Int
        package let value: Double
    }

    /// - Parameter start: a solution for the same classes and width; nil begins at zero.
    package func fit(penalty: Double, from start: Solution? = nil) -> Solution {
        let zero = Minimizer.Vector(repeating: .zero, count: (table.width + 1) * groups)
        let outcome = Minimizer.minimize(
            from: start?.point ?? zero, tolerance: SoftmaxTrainer.tolerance, iterations: SoftmaxTrainer.iterations
        ) { point, gradient in value(at: point, penalty: penalty, gradient: &gradient) }
        return Solution(point: outcome.point, iterations: outcome.iterations, value: outcome.value)
    }

    package func head(_ solution: Solution) -> SoftmaxHead {
        var weights: [Double] = []
        var bias: [Double] = []
        for label in 0..<table.classes {
            let (group, lane) = (label / 8, label % 8)
            var offset = solution.point[table.width * groups + group][lane]
            for j in 0..<table.width {
                let weight = solution.point[j * groups + group][lane] / deviation[j]
                weights.append(weight)
                offset -= weight * mean[j]
            }
            bias.append(offset)
        }
        return SoftmaxHead(weights: weights, bias: bias)
    }

    /// The objective at a point, and its gradient.
    private func value(at point: Minimizer.Vector, penalty: Double, gradient: inout Minimizer.Vector) -> Double {
        let (width, groups) = (table.width, groups)
        // Standardisation folded into the weights: z = sum of (u/s) q + (b - sum of u m / s).
        var scaled = point
        var offsets = Array(point[(width * groups)...])
        var squared = SIMD8<Double>.zero
        for j in 0..<width {
            for g in 0..<groups {
                let u = point[j * groups + g]
                squared += u * u
                scaled[j * groups + g] = u / deviation[j]
                offsets[g] -= scaled[j * groups + g] * mean[j]
            }
        }
        for i in gradient.indices { gradient[i] = .zero }
        var sums = offsets  // of the residuals of all rows
        for g in 0..<groups { sums[g] = .zero }
        var logits = [[SIMD8<Double>]](repeating: offsets, count: 4)
        var x = [SIMD4<Double>](repeating: .zero, count: width)
        var (loss, total) = (0.0, 0.0)
        for block in blocks {
            for j in 0..<width { x[j] = SIMD4<Double>(block.features[j]) }
            for g in 0..<groups {
                let z = SoftmaxTrainer.products(scaled, x, group: g, of: groups)
                for k in 0..<4 { logits[k][g] = offsets[g] + z[k] }
            }
            for k in 0..<4 {
                let weight = block.weights[k]
                if weight == 0 {
                    for g in 0..<groups { logits[k][g] = .zero }
                    continue
                }
                loss += weight * residual(&logits[k], block.targets[k])
                total += weight
                for g in 0..<groups {
                    logits[k][g] *= weight
                    sums[g] += logits[k][g]
                }
            }
            for g in 0..<groups {
                SoftmaxTrainer.add(
                    [logits[0][g], logits[1][g], logits[2][g], logits[3][g]], x, to: &gradient, group: g, of: groups)
            }
        }
        for j in 0..<width {
            for g in 0..<groups {
                let raw = gradient[j * groups + g] - sums[g] * mean[j]
                gradient[j * groups + g] = raw / (deviation[j] * total) + point[j * groups + g] * penalty
            }
        }
        for g in 0..<groups { gradient[width * groups + g] = sums[g] / total }
        return loss / total + penalty / 2 * squared.sum()
    }

    /// Logits of four rows without their offsets: the weights are read once for all of them.
    private static func products(
        _ a: Minimizer.Vector, _ x: [SIMD4<Double>], group: Int, of groups: Int
    ) -> [SIMD8<Double>] {
        var (s0, s1, s2, s3) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
        let (weights, features) = (a.span, x.span)
        var place = group
        for j in features.indices {
            let (w, q) = (weights[place], features[j])
            s0 += w * q[0]
            s1 += w * q[1]
            s2 += w * q[2]
            s3 += w * q[3]
            place += groups
        }
        return [s0, s1, s2, s3]
    }

    /// Adds the share of four rows to the gradient.
    private static func add(
        _ r: [SIMD8<Double>], _ x: [SIMD4<Double>], to gradient: inout Minimizer.Vector, group: Int, of groups: Int
    ) {
        let (r0, r1, r2, r3) = (r[0], r[1], r[2], r[3])
        let features = x.span
        var sums = gradient.mutableSpan
        var place = group
        for j in features.indices {
            let q = features[j]
            let first: SIMD8<Double> = r0 * q[0] + r1 * q[1]
            let second: SIMD8<Double> = r2 * q[2] + r3 * q[3]
            sums[place] += first + second
            place += groups
        }
    }

    /// Cross entropy of one row; turns its logits into probabilities less the target.
    private func residual(_ logits: inout [SIMD8<Double>], _ target: FeatureTable.Target) -> Double {
        let classes = table.classes
        var largest = -Double.infinity
        for label in 0..<classes { largest = max(largest, logits[label / 8][label % 8]) }
        let wanted = target.label.map { ($0, 1.0) }
        let even = 1 / Double(classes)
        var (sum, expected) = (0.0, 0.0)
        for label in 0..<classes {
            let z = logits[label / 8][label % 8] - largest
            if let wanted { if label == wanted.0 { expected = z } } else { expected += even * z }
            logits[label / 8][label % 8] = PlainMath.exp(z)
            sum += logits[label / 8][label % 8]
        }
        for label in 0..<groups * 8 {
            let (group, lane) = (label / 8, label % 8)
            guard label < classes else {
                logits[group][lane] = 0
                continue
            }
            let goal = wanted.map { label == $0.0 ? 1 : 0 } ?? even
            logits[group][lane] = logits[group][lane] / sum - goal
        }
        return PlainMath.log(sum) - expected
    }
}
