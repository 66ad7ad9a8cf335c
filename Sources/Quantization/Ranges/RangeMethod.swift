/// How the real range of an activation tensor is chosen.
package enum RangeMethod: Hashable, Sendable, CustomStringConvertible {
    /// Everything that occurred.
    case minMax
    /// All but a share of the values; of a signed tensor, half of that share on each side.
    case percentile(Double)
    /// The range of least expected squared error.
    case leastSquares
    /// The range whose bytes keep the distribution of values best, by Kullback-Leibler divergence.
    case entropy

    package var description: String {
        switch self {
        case .minMax: "min-max"
        case .percentile(let percent): "percentile-\(percent)"
        case .leastSquares: "least-squares"
        case .entropy: "entropy"
        }
    }

    /// The methods that compete when nobody chose one.
    package static let candidates: [RangeMethod] = [
        .leastSquares, .minMax, .percentile(99.9), .percentile(99.99), .percentile(99.999), .entropy,
    ]

    /// Those that compete on a network that is tried on suspicion.
    package static let shortList: [RangeMethod] = [
        .leastSquares, .minMax, .percentile(99.9), .percentile(99.99), .percentile(99.999),
    ]
}

/// The real range of one tensor and how it came about.
struct ValueRange: Hashable, Sendable {
    /// At most 0.
    var low: Float
    /// At least 0; above `low`.
    var high: Float
    var method: RangeMethod
}

extension RangeMethod {
    /// The range of a tensor.
    /// - Parameters:
    ///   - isActivated: the tensor is clamped at 0, so its range begins there.
    ///   - limit: upper bound of the activation.
    func range(of histogram: Histogram, isActivated: Bool, limit: Float = .infinity) -> ValueRange {
        let minimum = isActivated ? 0 : min(0, histogram.minimum)
        let maximum = max(0, min(limit, histogram.maximum))
        var (low, high) = (minimum, maximum)
        switch self {
        case .minMax: break
        case .percentile(let percent):
            let share = (1 - percent / 100) / (isActivated ? 1 : 2)
            high = min(maximum, max(0, histogram.percentile(1 - share)))
            low = isActivated ? 0 : max(minimum, min(0, histogram.percentile(share)))
        case .leastSquares: (low, high) = RangeMethod.leastSquares(histogram, low: minimum, high: maximum)
        case .entropy: (low, high) = EntropySearch(histogram).range(low: minimum, high: maximum)
        }
        // A tensor that is always zero still needs a step.
        if !(high - low > 1e-6) { high = low + (limit.isFinite ? limit : 1) }
        return ValueRange(low: low, high: high, method: self)
    }

    /// Shrinks both ends together first, then each alone, while the expected error falls.
    private static func leastSquares(_ histogram: Histogram, low: Float, high: Float) -> (Float, Float) {
        let bins = histogram.occupiedBins
        var best = (low: Double(low), high: Double(high))
        var least = bins.squaredError(low: best.low, high: best.high)
        func attempt(_ candidate: (low: Double, high: Double)) {
            let error = bins.squaredError(low: candidate.low, high: candidate.high)
            if error < least { (least, best) = (error, candidate) }
        }
        for percent in 20..<100 {
            let share = Double(percent) / 100
            attempt((Double(low) * share, Double(high) * share))
        }
        for _ in 0..<2 {
            let start = best
            for percent in 50...150 where percent != 100 {
                let share = Double(percent) / 100
                attempt((start.low, min(Double(high), start.high * share)))
                if low < 0 { attempt((max(Double(low), start.low * share), start.high)) }
            }
        }
        return (Float(best.low), Float(best.high))
    }
}
