package import Tensors

/// Views of a prepared picture, as a camera that was moved a little or another light would have taken it. Integer arithmetic:
/// the same bytes on every machine.
package enum PictureViews {
    /// The picture itself first, then others in a fixed order.
    /// - Parameters:
    ///   - pixels: RGB [extent.height][extent.width][3].
    ///   - count: at least 1, at most `most`.
    ///   - mirrors: false where left and right mean something.
    package static func of(_ pixels: [UInt8], extent: Shape, count: Int, mirrors: Bool) -> [[UInt8]] {
        precondition(pixels.count == extent.pixels * 3 && (1...most).contains(count))
        return [pixels]
            + recipes.prefix(count - 1).map { recipe in
                var view = pixels
                if recipe.size < 256 { view = crop(view, extent, size: recipe.size, x: recipe.x, y: recipe.y) }
                if mirrors && recipe.isMirrored { view = mirror(view, extent) }
                if recipe.gain != (256, 256, 256) { view = light(view, recipe.gain) }
                return view
            }
    }

    package static let most = recipes.count + 1

    /// What is kept of each side and where it begins, of 256 parts; factors of red, green and blue, of 256.
    private struct Recipe: Sendable {
        var isMirrored = false
        var size = 256
        var x = 0
        var y = 0
        var gain = (256, 256, 256)
    }

    private static let recipes = [
        Recipe(isMirrored: true),
        Recipe(size: 216, x: 0, y: 0),
        Recipe(isMirrored: true, size: 216, x: 40, y: 40),
        Recipe(gain: (180, 190, 200)),
        Recipe(isMirrored: true, gain: (330, 310, 290)),
        Recipe(isMirrored: true, size: 216, x: 40, y: 0),
        Recipe(size: 216, x: 0, y: 40),
        Recipe(size: 176, x: 40, y: 40),
        Recipe(isMirrored: true, size: 176, x: 40, y: 40, gain: (200, 190, 180)),
        Recipe(size: 216, x: 20, y: 20, gain: (290, 300, 310)),
        Recipe(isMirrored: true, size: 240, x: 8, y: 16),
    ]

    private static func mirror(_ pixels: [UInt8], _ extent: Shape) -> [UInt8] {
        var result = pixels
        for y in 0..<extent.height {
            for x in 0..<extent.width {
                let (from, to) = ((y * extent.width + extent.width - 1 - x) * 3, (y * extent.width + x) * 3)
                for c in 0..<3 { result[to + c] = pixels[from + c] }
            }
        }
        return result
    }

    private static func light(_ pixels: [UInt8], _ gain: (Int, Int, Int)) -> [UInt8] {
        let factors = [gain.0, gain.1, gain.2]
        let tables = factors.map { factor in (0..<256).map { UInt8(min(255, ($0 * factor + 128) / 256)) } }
        var result = pixels
        for i in stride(from: 0, to: pixels.count, by: 3) {
            for c in 0..<3 { result[i + c] = tables[c][Int(pixels[i + c])] }
        }
        return result
    }

    /// A part of the picture, enlarged to the whole (bilinear, weights in 256ths).
    private static func crop(_ pixels: [UInt8], _ extent: Shape, size: Int, x left: Int, y top: Int) -> [UInt8] {
        func taps(_ length: Int, _ start: Int) -> [(low: Int, high: Int, share: Int)] {
            (0..<length).map { i in
                // Centre of output pixel i, in 512ths of a pixel of the source.
                let centre = ((2 * i + 1) * size + 2 * start * length) - 256
                let place = max(0, min(centre, (length - 1) * 512))
                return (place / 512, min(length - 1, place / 512 + 1), place % 512 / 2)
            }
        }
        let (across, down) = (taps(extent.width, left), taps(extent.height, top))
        var result = pixels
        var out = 0
        for v in down {
            let (upper, lower) = (v.low * extent.width * 3, v.high * extent.width * 3)
            for h in across {
                let (a, b) = (h.low * 3, h.high * 3)
                for c in 0..<3 {
                    let first = Int(pixels[upper + a + c]) * (256 - h.share) + Int(pixels[upper + b + c]) * h.share
                    let second = Int(pixels[lower + a + c]) * (256 - h.share) + Int(pixels[lower + b + c]) * h.share
                    result[out] = UInt8((first * (256 - v.share) + second * v.share + 32768) >> 16)
                    out += 1
                }
            }
        }
        return result
    }
}
