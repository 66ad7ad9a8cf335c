/// From a picture to the network's input; stored in the model file, applied alike by calibration, evaluation and the
/// live daemon.
///
/// The picture is cut to the largest centred rectangle of the input's aspect ratio, scaled by `cropFraction` about its
/// centre, then resized per channel to `width` x `height` with an antialiased triangle filter (bilinear when
/// enlarging, its support grown by the scale when shrinking), rounded to 8 bits. Normalisation, `(pixel - 128) / std`,
/// is folded into the first layer.
package struct Preprocessing: Hashable, Sendable {
    /// Pixels, at least 1.
    package let width: Int
    /// Pixels, at least 1.
    package let height: Int
    /// Share of the largest centred rectangle that is kept, in (0, 1].
    package let cropFraction: Double
    /// Pixels per real unit of the network's input; the mean is 128 by rule.
    package let std: Float

    package init(width: Int, height: Int, cropFraction: Double, std: Float) {
        precondition(width > 0 && height > 0 && cropFraction > 0 && cropFraction <= 1 && std > 0 && std.isFinite)
        self.width = width
        self.height = height
        self.cropFraction = cropFraction
        self.std = std
    }
}
