/// Symmetric int8 weights, one scale per output channel.
enum WeightQuantizer {
    struct Channels: Sendable {
        /// As laid out in the argument.
        var weights: [Int8]
        /// Per channel.
        var scales: [Float]
        /// In steps of `inputScale * scales[c]`.
        var bias: [Int32]
        /// Channels whose weights are all zero.
        var deadChannels: [Int]
    }

    /// - Parameters:
    ///   - weights: [channels][...].
    ///   - bias: [channels], real.
    ///   - inputScale: real value of a step of the input.
    ///   - searchesClip: also tries to clip the largest weights, where that lowers the squared error of the channel.
    static func quantize(_ weights: [Float], bias: [Float], inputScale: Float, searchesClip: Bool) -> Channels {
        let channels = bias.count
        let perChannel = weights.count / channels
        var result = Channels(
            weights: [], scales: [], bias: [], deadChannels: [])
        result.weights.reserveCapacity(weights.count)
        for channel in 0..<channels {
            let row = Array(weights[channel * perChannel..<(channel + 1) * perChannel])
            let largest = row.reduce(0) { max($0, abs($1)) }
            if largest == 0 { result.deadChannels.append(channel) }
            // The bias must fit: 2^24 steps leave room for the sum and for corrections.
            let floor = max(abs(bias[channel]) / inputScale / 0x1p24, 1e-9)
            let scale = max(searchesClip ? bestScale(row, largest: largest) : largest / 127, floor)
            result.weights.append(contentsOf: row.map { quantized($0, scale) })
            result.scales.append(scale)
            result.bias.append(steps(bias[channel], inputScale: inputScale, weightScale: scale))
        }
        return result
    }

    /// A real bias in steps of the accumulator, rounded once.
    static func steps(_ bias: Float, inputScale: Float, weightScale: Float) -> Int32 {
        let exact = (Double(bias) / (Double(inputScale) * Double(weightScale))).rounded(.toNearestOrEven)
        return Int32(min(max(exact, -0x1p28), 0x1p28))
    }

    private static func quantized(_ weight: Float, _ scale: Float) -> Int8 {
        Int8(min(max((weight / scale).rounded(.toNearestOrEven), -127), 127))
    }

    private static func bestScale(_ row: [Float], largest: Float) -> Float {
        var (best, least) = (largest / 127, Float.infinity)
        for percent in stride(from: 100, through: 60, by: -4) {
            let scale = largest / 127 * Float(percent) / 100
            guard scale > 0 else { continue }
            let error = row.reduce(Float(0)) { sum, weight in
                let difference = weight - Float(quantized(weight, scale)) * scale
                return sum + difference * difference
            }
            if error < least { (best, least) = (scale, error) }
        }
        return best
    }
}
