/// Finds the range whose 255 steps lose least information about the distribution of values (Kullback-Leibler divergence of
/// what bytes can say from what was seen; the calibration of TensorRT, Migacz 2017). Values outside count at the ends.
struct EntropySearch {
    private let bins: OccupiedBins

    init(_ histogram: Histogram) { bins = histogram.occupiedBins }

    /// Tries shares of the whole range, both ends shrunk together.
    func range(low: Float, high: Float) -> (Float, Float) {
        var best = (low, high)
        var least = Double.infinity
        for percent in stride(from: 100, through: 30, by: -2) {
            let share = Float(percent) / 100
            let divergence = divergence(low: Double(low * share), high: Double(high * share))
            if divergence < least { (least, best) = (divergence, (low * share, high * share)) }
        }
        return best
    }

    /// Of the seen distribution, clipped, from its image in steps: every step's count spread over its occupied bins.
    private func divergence(low: Double, high: Double) -> Double {
        let width = (high - low) / 255
        guard width > 0 else { return .infinity }
        // Clipped counts belong to the seen distribution alone: that is what makes clipping cost.
        var seen = [Double](repeating: 0, count: bins.centres.count)
        var sums = [Double](repeating: 0, count: 256)
        var occupied = [Double](repeating: 0, count: 256)
        var (first, last): (Int?, Int?) = (nil, nil)
        var (below, above, total) = (0.0, 0.0, 0.0)
        for i in bins.centres.indices {
            let centre = bins.centres[i]
            total += bins.counts[i]
            if centre < low {
                below += bins.counts[i]
            } else if centre > high {
                above += bins.counts[i]
            } else {
                let step = min(255, Int((centre - low) / width + 0.5))
                seen[i] = bins.counts[i]
                sums[step] += bins.counts[i]
                occupied[step] += 1
                first = first ?? i
                last = i
            }
        }
        guard let first, let last, total > 0 else { return .infinity }
        let kept = total - below - above
        seen[first] += below
        seen[last] += above
        var divergence = 0.0
        for i in first...last where seen[i] > 0 {
            let step = min(255, Int((bins.centres[i] - low) / width + 0.5))
            let image = sums[step] / occupied[step]
            guard image > 0 else { continue }
            divergence += seen[i] / total * ((seen[i] / total) / (image / kept)).plainLogarithm
        }
        return divergence
    }
}
