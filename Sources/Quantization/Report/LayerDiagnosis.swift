import Tensors

/// Why a layer adds noise, in a sentence: which of its three roundings it comes from, and what about that one stands out.
struct LayerDiagnosis {
    let layer: QuantizationReport.Layer
    /// The layers whose outputs it reads, in order; a value that no layer makes is left out.
    let sources: [QuantizationReport.Layer]
    /// Largest ratio, over its filters, of the largest weight to the root of the mean square.
    let crest: Float

    /// Shares of the layer's own noise, which add up to 1: of its int8 weights, of the bytes that it reads, and of the
    /// bytes that it writes.
    var shares: (weights: Double, inputs: Double, output: Double) {
        let output = max(0, layer.ownNoise - layer.weightNoise - layer.activationNoise)
        let sum = layer.weightNoise + layer.activationNoise + output
        guard sum > 0 && sum.isFinite else { return (0, 0, 0) }
        return (layer.weightNoise / sum, layer.activationNoise / sum, output / sum)
    }

    /// Such as `62 % of it comes in with the bytes of blocks.0.project (seen -6.22 to 6.22, the bytes span -4.86 to 4.63)`.
    var text: String {
        let (weights, inputs, output) = shares
        guard weights + inputs + output > 0 else { return "it adds none" }
        if weights >= inputs && weights >= output {
            return "\(percent(weights)) of it is that of its int8 weights; in one filter the largest weight is "
                + "\(LayerDiagnosis.fixed(Double(crest), 1)) times the typical one"
        }
        if inputs >= output {
            let read = sources.map { "\($0.name) (\(LayerDiagnosis.span($0)))" }
            return "\(percent(inputs)) of it comes in with the bytes of "
                + (read.isEmpty ? "the picture" : read.joined(separator: " and "))
        }
        return "\(percent(output)) of it is the rounding of its own output to bytes (\(LayerDiagnosis.span(layer)))"
    }

    private static func span(_ layer: QuantizationReport.Layer) -> String {
        func range(_ range: ClosedRange<Float>) -> String {
            "\(fixed(Double(range.lowerBound), 2)) to \(fixed(Double(range.upperBound), 2))"
        }
        return "seen \(range(layer.observedRange)), the bytes span \(range(layer.quantizedRange))"
    }

    private func percent(_ share: Double) -> String { LayerDiagnosis.fixed(share * 100, 0) + " %" }

    private static func fixed(_ number: Double, _ decimals: Int) -> String {
        number.fixed(decimals) ?? (number > 0 ? "infinity" : "-")
    }

    /// Largest ratio, over rows, of the largest magnitude to the root of the mean square; 1 without weights.
    static func crest(_ weights: [Float], rows: Int) -> Float {
        guard rows > 0, weights.count >= rows else { return 1 }
        let size = weights.count / rows
        return (0..<rows).reduce(Float(1)) { worst, row in
            var (largest, energy): (Float, Float) = (0, 0)
            for i in row * size..<(row + 1) * size {
                largest = max(largest, abs(weights[i]))
                energy += weights[i] * weights[i]
            }
            return energy > 0 ? max(worst, largest / (energy / Float(size)).squareRoot()) : worst
        }
    }
}
