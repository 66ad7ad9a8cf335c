/// The multipliers of the integer rule. Every party computes them here, so that all get the same bits.
///
/// The rule: `q = clamp(rne(f32(acc) * m[c] + f32(q_skip - zp_skip) * m_skip) + zp, low, high)`, in single precision,
/// each operation rounded on its own. Its normative scalar is `Sources/CKernels/include/tsr_requant.h`.
package enum Requantization {
    /// From steps of an accumulator to steps of the output: `s_in * s_w / s_out`, rounded half to even to single
    /// precision and then to 22 significant bits, which lets kernels keep sums as floats. That moves a value by less
    /// than one part in four million.
    package static func multiplier(inputScale: Float, weightScale: Float, outputScale: Float) -> Float {
        let bits = Float(Double(inputScale) * Double(weightScale) / Double(outputScale)).bitPattern
        return Float(bitPattern: (bits + 1 + (bits >> 2) & 1) & ~3)
    }

    /// From steps of a value that is added or joined to steps of the output.
    package static func skipMultiplier(skipScale: Float, outputScale: Float) -> Float {
        Float(Double(skipScale) / Double(outputScale))
    }

    /// From the sum over all pixels to steps of the mean.
    package static func poolMultiplier(inputScale: Float, outputScale: Float, pixels: Int) -> Float {
        Float(Double(inputScale) / (Double(outputScale) * Double(pixels)))
    }

    /// From steps of two factors to steps of their product.
    package static func productMultiplier(first: Float, second: Float, outputScale: Float) -> Float {
        Float(Double(first) * Double(second) / Double(outputScale))
    }

    /// From steps of an accumulator to a logit.
    package static func logitScale(inputScale: Float, weightScale: Float) -> Float {
        Float(Double(inputScale) * Double(weightScale))
    }
}
