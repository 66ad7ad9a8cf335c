/// Affine quantization of an activation tensor: `real = scale * (q - zeroPoint)`, q a logical signed byte.
///
/// Asymmetric per-tensor scheme of Jacob et al., "Quantization and Training of Neural Networks for Efficient
/// Integer-Arithmetic-Only Inference" (arXiv 1712.05877), section 2.1.
package struct QuantParams: Hashable, Sendable {
    /// Real value of one step; finite and positive.
    package let scale: Float
    /// The logical byte that stands for real 0.
    package let zeroPoint: Int8

    /// Traps unless `scale` is finite and positive: parameters read from a file are validated before they get here.
    package init(scale: Float, zeroPoint: Int8) {
        precondition(scale.isFinite && scale > 0, "a scale is finite and positive")
        self.scale = scale
        self.zeroPoint = zeroPoint
    }

    /// The camera's own bytes, normalised with zero at pixel 128: q = pixel - 128.
    /// - Parameter std: pixels per real unit, as in `real = (pixel - 128) / std`.
    package static func pixels(std: Float) -> QuantParams { QuantParams(scale: 1 / std, zeroPoint: 0) }

    /// Nearest logical byte of a real value, half to even, saturating.
    package func quantize(_ real: Float) -> Int8 {
        let q = (real / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
        return Int8(max(-128, min(127, q)))
    }

    /// The real value of a logical byte.
    package func dequantize(_ q: Int8) -> Float { scale * (Float(q) - Float(zeroPoint)) }
}
