/// What kernels may rely on about a layer's sums, whatever the input (`tsr_requant.h`).
struct SumPromises: Sendable {
    /// They fit the mantissa of a float: every sum is in [-2^22, 2^22), and every multiplier has at most 22 significant
    /// bits.
    var small = false
    /// And scaled, they fit 16 bits with room for a skip.
    var smallResults = false
}

extension ChannelParams {
    /// Sums below this in magnitude fit the mantissa of a float.
    package static let smallSumLimit = 1 << 22
    /// Scaled sums up to this in magnitude are small; `TSR_SMALL_RESULT`.
    static let smallResultLimit: Float = 32000

    /// - Parameter weights: [channels, taps].
    func promises(weights: [Int8]) -> SumPromises {
        guard multipliers.allSatisfy({ $0.bitPattern & 3 == 0 }) else { return SumPromises() }
        let taps = weights.count / bias.count
        let highest = 127 - Int(inputZeroPoint), lowest = -128 - Int(inputZeroPoint)
        var promises = SumPromises(small: true, smallResults: true)
        for channel in bias.indices {
            var positive = 0
            var negative = 0
            for weight in weights[channel * taps..<(channel + 1) * taps] {
                if weight > 0 { positive += Int(weight) } else { negative += Int(weight) }
            }
            let most = Int(bias[channel]) + positive * highest + negative * lowest
            let least = Int(bias[channel]) + positive * lowest + negative * highest
            guard least >= -ChannelParams.smallSumLimit && most < ChannelParams.smallSumLimit else {
                return SumPromises()
            }
            if Float(max(-least, most)) * multipliers[channel] > ChannelParams.smallResultLimit {
                promises.smallResults = false
            }
        }
        return promises
    }
}
