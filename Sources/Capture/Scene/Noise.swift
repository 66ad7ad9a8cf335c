/// A tile of fractal value noise, made once: looking it up is much cheaper than computing it for each pixel.
struct Noise {
    /// Side of the tile in cells; it repeats.
    static let side = 256
    /// [side][side], 0...1, mean near 0.5
    private let cells: [Float]

    /// - Parameters:
    ///   - octaves: how many sizes of detail are summed, the coarsest having 8 bumps along the tile.
    ///   - seed: another seed, another tile.
    init(octaves: Int, seed: UInt32) {
        let side = Noise.side
        var cells = [Float](repeating: 0, count: side * side)
        var (amplitude, total): (Float, Float) = (1, 0)
        for octave in 0..<octaves {
            let bumps = min(side, 8 << octave)
            let cell = Float(side / bumps)
            for y in 0..<side {
                let fy = Float(y) / cell
                let (y0, wy) = (Int(fy), Noise.smooth(fy - Float(Int(fy))))
                for x in 0..<side {
                    let fx = Float(x) / cell
                    let (x0, wx) = (Int(fx), Noise.smooth(fx - Float(Int(fx))))
                    func at(_ dx: Int, _ dy: Int) -> Float {
                        Noise.hash((x0 + dx) % bumps, (y0 + dy) % bumps, seed &+ UInt32(octave) &* 101)
                    }
                    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * wx
                    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * wx
                    cells[y * side + x] += amplitude * (top + (bottom - top) * wy)
                }
            }
            total += amplitude
            amplitude *= 0.55
        }
        self.cells = cells.map { $0 / total }
    }

    /// Interpolated, in cells; any finite position within 2^30.
    @inline(__always)
    func callAsFunction(_ x: Float, _ y: Float) -> Float {
        let (flatX, flatY) = (floor(x), floor(y))
        let (wx, wy) = (x - Float(flatX), y - Float(flatY))
        let (x0, y0) = (flatX & 255, (flatY & 255) &* 256)
        let (x1, y1) = ((x0 &+ 1) & 255, (y0 &+ 256) & 0xFF00)
        let top = cells[y0 &+ x0] + (cells[y0 &+ x1] - cells[y0 &+ x0]) * wx
        let bottom = cells[y1 &+ x0] + (cells[y1 &+ x1] - cells[y1 &+ x0]) * wx
        return top + (bottom - top) * wy
    }

    /// A repeatable number in 0...1 for a whole position.
    @inline(__always)
    static func hash(_ x: Int, _ y: Int, _ seed: UInt32) -> Float {
        let (x, y) = (UInt32(truncatingIfNeeded: x), UInt32(truncatingIfNeeded: y))
        var h = x &* 0x9E37_79B1 ^ y &* 0x85EB_CA6B ^ seed &* 0xC2B2_AE35
        h = (h ^ h >> 15) &* 0x2C1B_3C6D
        h = (h ^ h >> 12) &* 0x297A_2D39
        return Float((h ^ h >> 15) >> 8) / Float(1 << 24)
    }

    private static func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}

/// Largest whole number that is not above `x`; `rounded(.down)` is a library call on x86-64 without SSE 4.1.
@inline(__always)
func floor(_ x: Float) -> Int {
    let whole = Int(x)
    return Float(whole) > x ? whole &- 1 : whole
}

/// Linear interpolation, limited to a...b.
@inline(__always)
func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * max(0, min(1, t)) }

/// 0 below `low`, 1 above `high`, smooth between.
@inline(__always)
func step(_ low: Float, _ high: Float, _ x: Float) -> Float {
    let t = max(0, min(1, (x - low) / (high - low)))
    return t * t * (3 - 2 * t)
}
