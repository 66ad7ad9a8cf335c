package import Tensors

/// The part of a picture that the network sees, in pixels of the picture; edges may fall between pixels.
///
/// Normative arithmetic: computed in double precision from the formula of `init(of:width:height:)`, each operation rounded once,
/// then each edge rounded to Float, which is what PIL's `resize(box=)` takes. Additions, multiplications and divisions of IEEE
/// 754 give the same bits on every CPU.
package struct CropBox: Hashable, Sendable {
    package let left: Float
    package let top: Float
    package let right: Float
    package let bottom: Float

    /// The largest centred rectangle of the input's aspect ratio, scaled by `cropFraction` about its centre.
    package init(of preprocessing: Preprocessing, width: Int, height: Int) {
        self.init(of: preprocessing, width: width, height: height, denominator: 1)
    }

    /// The same box in a picture that was decoded at 1/denominator: every edge divided by it (a power of two: exact).
    init(of preprocessing: Preprocessing, width: Int, height: Int, denominator: Int) {
        let (inWidth, inHeight) = (Double(width), Double(height))
        let (outWidth, outHeight) = (Double(preprocessing.width), Double(preprocessing.height))
        // Pixels of the picture per pixel of the input.
        let scale = min(inWidth / outWidth, inHeight / outHeight) * preprocessing.cropFraction
        let (boxWidth, boxHeight) = (min(inWidth, scale * outWidth), min(inHeight, scale * outHeight))
        let (x, y) = ((inWidth - boxWidth) / 2, (inHeight - boxHeight) / 2)
        let shrink = Double(denominator)
        left = Float(x / shrink)
        top = Float(y / shrink)
        right = Float((x + boxWidth) / shrink)
        bottom = Float((y + boxHeight) / shrink)
    }

    /// How much smaller a JPEG may be decoded: the largest of 1, 2, 4, 8 at which the box keeps at least one pixel for
    /// each pixel of the input, on both axes.
    ///
    /// A scaled decode averages 2x2 (4x4, 8x8) pixels in the frequency domain, so its bytes differ slightly from those of a whole
    /// decode that is resized; the rule lives here so that calibration, evaluation and the live daemon all see the same.
    static func decodeDenominator(of preprocessing: Preprocessing, width: Int, height: Int) -> Int {
        let box = CropBox(of: preprocessing, width: width, height: height)
        var denominator = 8
        while denominator > 1 {
            let (boxWidth, boxHeight) = (box.right - box.left, box.bottom - box.top)
            let shrink = Float(denominator)
            if boxWidth >= shrink * Float(preprocessing.width) && boxHeight >= shrink * Float(preprocessing.height) {
                break
            }
            denominator /= 2
        }
        return denominator
    }
}
