package import Tensors

/// What the calibration doctor knows of one photo.
package struct PhotoFacts: Hashable, Sendable {
    package var path: String
    /// The sub-folder it lies in; nil for one directly in the folder.
    package var label: String?
    /// Of the file, in pixels.
    package var width: Int
    package var height: Int
    /// Mean of the prepared picture, in [0, 255].
    package private(set) var brightness: Double
    /// Standard deviation of the prepared picture's luma, in [0, 127.5].
    package private(set) var contrast: Double
    /// Signs of the horizontal differences of an 8x9 thumbnail: near-duplicates differ in few of the 64 bits.
    package private(set) var fingerprint: UInt64

    /// - Parameters:
    ///   - pixels: the prepared picture, RGB [extent.height][extent.width][3].
    package init(
        path: String, label: String?, width: Int, height: Int, pixels: [UInt8], extent: Shape
    ) {
        (self.path, self.label, self.width, self.height) = (path, label, width, height)
        var luma: [Int] = []
        luma.reserveCapacity(extent.pixels)
        for i in 0..<extent.pixels {
            let (red, green, blue) = (Int(pixels[3 * i]), Int(pixels[3 * i + 1]), Int(pixels[3 * i + 2]))
            luma.append((2 * red + 5 * green + blue) / 8)
        }
        let count = Double(luma.count)
        let mean = Double(luma.reduce(0, +)) / count
        let energy = Double(luma.reduce(0) { $0 + $1 * $1 })
        brightness = mean
        contrast = max(0, energy / count - mean * mean).squareRoot()
        var cells = [Int](repeating: 0, count: 72)
        var sizes = cells
        for y in 0..<extent.height {
            for x in 0..<extent.width {
                let cell = y * 8 / extent.height * 9 + x * 9 / extent.width
                cells[cell] += luma[y * extent.width + x]
                sizes[cell] += 1
            }
        }
        fingerprint = 0
        for y in 0..<8 {
            for x in 0..<8 {
                let (left, right) = (y * 9 + x, y * 9 + x + 1)
                let isFalling = cells[left] * max(1, sizes[right]) > cells[right] * max(1, sizes[left])
                fingerprint = fingerprint << 1 | (isFalling ? 1 : 0)
            }
        }
    }

    /// Whether another photo shows next to the same. Empty pictures all look alike and are never the same.
    package func looksLike(_ other: PhotoFacts) -> Bool {
        min(contrast, other.contrast) >= CalibrationDoctor.flattest
            && (fingerprint ^ other.fingerprint).nonzeroBitCount <= CalibrationDoctor.duplicateBits
            && abs(brightness - other.brightness) < 12
    }

    /// Longer over shorter side.
    var elongation: Double { Double(max(width, height)) / Double(max(1, min(width, height))) }
}
