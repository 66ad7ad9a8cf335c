/// From a picture to the network's input; stored in the model file, applied alike by calibration, evaluation and the
/// live daemon.
///
/// The picture (or the region of it that the configuration names) is scaled by `cropFraction` about its centre and brought to the
/// input's aspect ratio as `fit` says, then resized per channel to `width` x `height` with an antialiased triangle filter (bilinear when
/// enlarging, its support grown by the scale when shrinking), rounded to 8 bits. Normalisation, `(pixel - 128) / std`,
/// is folded into the first layer.
package struct Preprocessing: Hashable, Sendable {
    /// How a picture of another aspect ratio becomes the input; the names are those of the model file.
    package enum Fit: String, CaseIterable, Sendable {
        /// The largest centred rectangle of the input's aspect ratio; the rest is not seen.
        case crop = "center"
        /// All of it, centred, with bands of 128, which are 0 to the network.
        case letterbox
        /// All of it, each axis scaled by itself.
        case stretch
    }

    /// Pixels, at least 1.
    package let width: Int
    /// Pixels, at least 1.
    package let height: Int
    package let fit: Fit
    /// Share of that rectangle that is kept, in (0, 1].
    package let cropFraction: Double
    /// Pixels per real unit of the network's input; the mean is 128 by rule.
    package let std: Float

    package init(width: Int, height: Int, fit: Fit = .crop, cropFraction: Double, std: Float) {
        precondition(width > 0 && height > 0 && cropFraction > 0 && cropFraction <= 1 && std > 0 && std.isFinite)
        self.width = width
        self.height = height
        self.fit = fit
        self.cropFraction = cropFraction
        self.std = std
    }
}

extension Preprocessing {
    /// The same, fitted otherwise.
    package func with(fit: Fit) -> Preprocessing {
        Preprocessing(width: width, height: height, fit: fit, cropFraction: cropFraction, std: std)
    }
}
