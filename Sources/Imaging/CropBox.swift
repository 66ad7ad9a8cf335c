package import Tensors

/// The part of a picture that the network sees, in pixels of the picture (edges may fall between pixels), and the part of the input
/// that it fills, in whole pixels of the input: all of it but with letterbox.
///
/// Normative arithmetic: computed in double precision from the formulas of `init`, each operation rounded once, then each edge
/// rounded to Float, which is what PIL's `resize(box=)` takes. Additions, multiplications and divisions of IEEE 754 give the same
/// bits on every CPU.
package struct CropBox: Hashable, Sendable {
    package let left: Float
    package let top: Float
    package let right: Float
    package let bottom: Float
    /// Pixels of the input that the box is resized to, and where they lie in it.
    package let content: Content

    package struct Content: Hashable, Sendable {
        package let x: Int
        package let y: Int
        package let width: Int
        package let height: Int
    }

    /// Of a whole picture, or of a part of it.
    package init(of preprocessing: Preprocessing, region: Rectangle? = nil, width: Int, height: Int) {
        self.init(
            of: preprocessing, region: region ?? Rectangle(x: 0, y: 0, width: Double(width), height: Double(height)),
            denominator: 1)
    }

    /// The same box in a picture that was decoded at 1/denominator: every edge divided by it (a power of two: exact).
    init(of preprocessing: Preprocessing, region: Rectangle, denominator: Int) {
        let (outWidth, outHeight) = (Double(preprocessing.width), Double(preprocessing.height))
        // Pixels of the picture per pixel of the input.
        let (across, down) = (region.width / outWidth, region.height / outHeight)
        let fraction = preprocessing.cropFraction
        var (boxWidth, boxHeight) = (region.width * fraction, region.height * fraction)
        var content = Content(x: 0, y: 0, width: preprocessing.width, height: preprocessing.height)
        switch preprocessing.fit {
        case .crop:
            let scale = min(across, down) * fraction
            (boxWidth, boxHeight) = (min(region.width, scale * outWidth), min(region.height, scale * outHeight))
        case .stretch: break
        case .letterbox:
            let scale = max(across, down)
            let width = max(1, min(preprocessing.width, Int((region.width / scale).rounded())))
            let height = max(1, min(preprocessing.height, Int((region.height / scale).rounded())))
            content = Content(
                x: (preprocessing.width - width) / 2, y: (preprocessing.height - height) / 2, width: width,
                height: height)
        }
        let (x, y) = (region.x + (region.width - boxWidth) / 2, region.y + (region.height - boxHeight) / 2)
        let shrink = Double(denominator)
        left = Float(x / shrink)
        top = Float(y / shrink)
        right = Float((x + boxWidth) / shrink)
        bottom = Float((y + boxHeight) / shrink)
        self.content = content
    }

    /// How much smaller a JPEG may be decoded: the largest of 1, 2, 4, 8 at which the box keeps at least one pixel for
    /// each pixel that it is resized to, on both axes.
    ///
    /// A scaled decode averages 2x2 (4x4, 8x8) pixels in the frequency domain, so its bytes differ slightly from those of a whole
    /// decode that is resized; the rule lives here so that calibration, evaluation and the live daemon all see the same.
    var decodeDenominator: Int {
        var denominator = 8
        while denominator > 1 {
            let (boxWidth, boxHeight) = (right - left, bottom - top)
            let shrink = Float(denominator)
            if boxWidth >= shrink * Float(content.width) && boxHeight >= shrink * Float(content.height) { break }
            denominator /= 2
        }
        return denominator
    }
}
