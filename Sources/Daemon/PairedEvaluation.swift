internal import Glibc

/// Two models on the same labelled photos: what one loses against the other, and how much of that may be chance.
package struct PairedEvaluation: Sendable {
    package private(set) var photos = 0
    /// Photos with the same best label in both.
    package private(set) var agreed = 0
    /// Photos that the first, or the second, alone gets right.
    package private(set) var onlyFirst = 0
    package private(set) var onlySecond = 0
    /// Energy of the second's logits less their mean, and of the difference.
    private var (signal, noise) = (0.0, 0.0)
    private var divergences = 0.0

    package init() {}

    /// - Parameters:
    ///   - first, second: logits, one a label.
    ///   - truth: index of the right label.
    package mutating func add(first: [Float], second: [Float], truth: Int) {
        precondition(first.count == second.count && !first.isEmpty)
        let (best, other) = (Evaluation.best(first), Evaluation.best(second))
        photos += 1
        if best == other { agreed += 1 }
        if best == truth && other != truth { onlyFirst += 1 }
        if best != truth && other == truth { onlySecond += 1 }
        let (own, exact) = (PairedEvaluation.centred(first), PairedEvaluation.centred(second))
        let (ownNorm, exactNorm) = (PairedEvaluation.logSum(own), PairedEvaluation.logSum(exact))
        for (a, b) in zip(own, exact) {
            signal += b * b
            noise += (a - b) * (a - b)
            divergences += exp(b - exactNorm) * ((b - exactNorm) - (a - ownNorm))
        }
    }

    private static func centred(_ logits: [Float]) -> [Double] {
        let mean = logits.reduce(0.0) { $0 + Double($1) } / Double(logits.count)
        return logits.map { Double($0) - mean }
    }

    private static func logSum(_ logits: [Double]) -> Double {
        let largest = logits.reduce(-Double.infinity, max)
        return largest + log(logits.reduce(0) { $0 + exp($1 - largest) })
    }

    /// In [0, 1]; 1 without photos.
    package var agreement: Double { photos == 0 ? 1 : Double(agreed) / Double(photos) }

    /// Points of top-1 that the first loses against the second; negative where it gains.
    package var loss: Double { photos == 0 ? 0 : 100 * Double(onlySecond - onlyFirst) / Double(photos) }

    /// Half the width of the 95 % interval of `loss`, in points: photos are drawn, and only those that change sides count.
    package var interval: Double {
        guard photos > 0 else { return 0 }
        let (count, mean) = (Double(photos), loss / 100)
        let variance = Double(onlyFirst + onlySecond) / count - mean * mean
        return 196 * (max(0, variance) / count).squareRoot()
    }

    /// Signal over noise of the first's logits less their mean, in dB; nil where both are the same.
    package var decibels: Double? { noise > 0 && signal > 0 ? 10 * log10(signal / noise) : nil }

    /// Mean Kullback-Leibler divergence of the first's softmax from the second's, in nats.
    package var divergence: Double { photos == 0 ? 0 : divergences / Double(photos) }
}
