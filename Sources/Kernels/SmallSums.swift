extension ChannelParams {
    /// Sums below this in magnitude fit the mantissa of a float (`tsr_requant.h`).
    package static let smallSumLimit = 1 << 22

    /// Whether kernels may keep a layer's sums as floats: every sum is in [-2^22, 2^22) whatever the input, and every
    /// multiplier has at most 22 significant bits.
    /// - Parameter weights: [channels, taps].
    func keepsSumsSmall(weights: [Int8]) -> Bool {
        guard multipliers.allSatisfy({ $0.bitPattern & 3 == 0 }) else { return false }
        let taps = weights.count / bias.count
        let highest = 127 - Int(inputZeroPoint), lowest = -128 - Int(inputZeroPoint)
        return bias.indices.allSatisfy { channel in
            var positive = 0
            var negative = 0
            for weight in weights[channel * taps..<(channel + 1) * taps] {
                if weight > 0 { positive += Int(weight) } else { negative += Int(weight) }
            }
            let most = Int(bias[channel]) + positive * highest + negative * lowest
            let least = Int(bias[channel]) + positive * lowest + negative * highest
            return least >= -ChannelParams.smallSumLimit && most < ChannelParams.smallSumLimit
        }
    }
}
