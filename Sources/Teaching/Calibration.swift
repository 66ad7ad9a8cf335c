/// How sure a head may say it is, from photos it was not trained on.
package struct Calibration: Sendable {
    /// By which logits are divided before the softmax.
    package let temperature: Double
    /// Mean of the classes' mean losses at that temperature.
    package let loss: Double

    /// The temperature with the least loss, from e^-1.5 to e^1.5: that of the training of the backbone. Labels count as
    /// certain as their number allows, (n + 1) / (n + 2) (Platt, "Probabilistic outputs for support vector machines", 1999,
    /// section 2.2): a few photos that are all answered right do not make a head sure of everything.
    /// - Parameter answers: of photos held back; without any, the temperature is 1 and the loss 0.
    package init(_ answers: [Answer], classes: Int) {
        var counts = [Int](repeating: 0, count: classes)
        for answer in answers { counts[answer.label] += 1 }
        let present = counts.count { $0 > 0 }
        func loss(_ temperature: Double) -> Double {
            answers.reduce(0) { sum, answer in
                let count = Double(counts[answer.label])
                let rest = classes > 1 ? 1 / (count + 2) : 0
                var own = 0.0
                for label in 0..<classes {
                    let share = label == answer.label ? 1 - rest : rest / Double(max(1, classes - 1))
                    own += share * PlainMath.loss(answer.logits, label: label, temperature: temperature)
                }
                return sum + own / (Double(present) * count)
            }
        }
        var best = (temperature: 1.0, loss: answers.isEmpty ? 0 : loss(1))
        if !answers.isEmpty {
            // The loss is convex in 1 / T: the grid is searched from coarse to fine.
            var (centre, step) = (0.0, 0.5)
            while step > 0.004 {
                for k in -3...3 {
                    let exponent = min(1.5, max(-1.5, centre + Double(k) * step))
                    let (temperature, own) = (PlainMath.exp(exponent), loss(PlainMath.exp(exponent)))
                    if own < best.loss { best = (temperature, own) }
                }
                centre = PlainMath.log(best.temperature)
                step /= 3
            }
        }
        (temperature, self.loss) = best
    }

    /// The highest threshold, in hundredths up to 0.95, that turns away at most `share` of the photos. An answer below it is
    /// `unknown`. Fewer than 50 photos say little of what two in a hundred will be like: then it comes down towards the even
    /// answer as their number does.
    /// - Parameter confidences: of the best labels of photos of the classes.
    package static func unknownThreshold(_ confidences: [Double], classes: Int, share: Double = 0.02) -> Double {
        let allowed = Int(Double(confidences.count) * share)
        var threshold = 0.0
        for hundredths in 0...95 {
            let candidate = Double(hundredths) / 100
            if confidences.count(where: { $0 < candidate }) <= allowed { threshold = candidate }
        }
        let even = min(threshold, 1 / Double(classes))
        let known = min(1, Double(confidences.count) / 50)
        return ((even + (threshold - even) * known) * 100).rounded(.down) / 100
    }
}

/// What a share of `count` trials says of the true share (Wilson, "Probable inference, the law of succession, and statistical
/// inference", 1927).
package struct WilsonInterval: Hashable, Sendable {
    package let low: Double
    package let high: Double

    /// - Parameters:
    ///   - right: of `count`, which is at least 1.
    ///   - z: standard deviations; 1.96 covers 95 %.
    package init(right: Int, of count: Int, z: Double = 1.96) {
        precondition(count > 0 && (0...count).contains(right))
        let (n, share) = (Double(count), Double(right) / Double(count))
        let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        low = right == 0 ? 0 : max(0, centre - half)
        high = right == count ? 1 : min(1, centre + half)
    }
}
