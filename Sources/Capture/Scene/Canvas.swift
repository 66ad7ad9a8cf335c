/// A colour of a drawn picture: R, G, B in 0...255, may go beyond while it is computed.
struct Colour {
    var r: Float
    var g: Float
    var b: Float

    @inline(__always)
    init(_ r: Float, _ g: Float, _ b: Float) { (self.r, self.g, self.b) = (r, g, b) }

    @inline(__always)
    static func * (c: Colour, k: Float) -> Colour { Colour(c.r * k, c.g * k, c.b * k) }

    @inline(__always)
    static func + (c: Colour, k: Float) -> Colour { Colour(c.r + k, c.g + k, c.b + k) }

    /// This colour at t = 0, the other at t = 1.
    @inline(__always)
    func mixed(_ other: Colour, _ t: Float) -> Colour {
        Colour(mix(r, other.r, t), mix(g, other.g, t), mix(b, other.b, t))
    }
}

/// What the views draw on: RGB bytes, x to the right, y down, origin at the top left.
struct Canvas {
    static let width = 640
    static let height = 480
    /// Only every `step`-th pixel of both axes is kept and computed: a divisor of 640 and 480. Above 1 for quick tests.
    let step: Int
    /// [height / step][width / step][3]
    var pixels: [UInt8]

    init(step: Int = 1) {
        precondition(step > 0 && Canvas.width % step == 0 && Canvas.height % step == 0)
        self.step = step
        pixels = [UInt8](repeating: 0, count: Canvas.width / step * (Canvas.height / step) * 3)
    }

    /// Makes storage that came from elsewhere as large as the canvas; what is in it does not matter.
    mutating func resize() {
        let count = Canvas.width / step * (Canvas.height / step) * 3
        if pixels.count != count { pixels = [UInt8](repeating: 0, count: count) }
    }

    /// Computes every pixel of some rows.
    @inline(__always)
    mutating func shade(rows: Range<Int>, _ colour: (_ x: Float, _ y: Float) -> Colour) {
        for y in rows.clamped(to: 0..<Canvas.height) {
            shade(row: y, columns: 0..<Canvas.width, colour)
        }
    }

    /// Computes some pixels of one row.
    @inline(__always)
    mutating func shade(row: Int, columns: Range<Int>, _ colour: (_ x: Float, _ y: Float) -> Colour) {
        let columns = columns.clamped(to: 0..<Canvas.width)
        guard (0..<Canvas.height).contains(row), row % step == 0 else { return }
        var x = (columns.lowerBound + step - 1) / step * step
        var offset = (row / step * (Canvas.width / step) + x / step) * 3
        let (step, y) = (self.step, Float(row))
        // One check of the array for a whole row instead of three a pixel.
        var row = pixels.mutableSpan
        while x < columns.upperBound {
            let value = colour(Float(x), y)
            row[offset] = Canvas.byte(value.r)
            row[offset &+ 1] = Canvas.byte(value.g)
            row[offset &+ 2] = Canvas.byte(value.b)
            offset &+= 3
            x &+= step
        }
    }

    /// Fills a polygon (even-odd rule).
    @inline(__always)
    mutating func fill(_ points: [(x: Float, y: Float)], _ colour: (_ x: Float, _ y: Float) -> Colour) {
        guard let top = points.map(\.y).min(), let bottom = points.map(\.y).max(), bottom > 0 else { return }
        let rows = Int(max(0, top))..<max(Int(max(0, top)), min(Canvas.height, Int(bottom.rounded(.up))))
        for row in rows {
            let y = Float(row) + 0.5
            var crossings: [Float] = []
            for index in points.indices {
                let (a, b) = (points[index], points[(index + 1) % points.count])
                if (a.y <= y) != (b.y <= y) { crossings.append(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x)) }
            }
            crossings.sort()
            for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
                let (from, to) = (crossings[pair], crossings[pair + 1])
                let columns = Int(max(0, min(640, from.rounded())))..<Int(max(0, min(640, max(from, to).rounded())))
                shade(row: row, columns: columns, colour)
            }
        }
    }

    /// Fills an upright rectangle.
    @inline(__always)
    mutating func fill(
        _ x: Float, _ y: Float, _ width: Float, _ height: Float, _ colour: (_ x: Float, _ y: Float) -> Colour
    ) {
        fill([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], colour)
    }

    /// Fills an ellipse.
    @inline(__always)
    mutating func ellipse(
        _ x: Float, _ y: Float, _ radiusX: Float, _ radiusY: Float, _ colour: (_ x: Float, _ y: Float) -> Colour
    ) {
        for row in Int(max(0, y - radiusY))..<Int(max(max(0, y - radiusY), min(480, y + radiusY + 1))) {
            let part = (Float(row) + 0.5 - y) / radiusY
            let half = radiusX * max(0, 1 - part * part).squareRoot()
            let (from, to) = (max(0, min(640, x - half)), max(0, min(640, x + half)))
            shade(row: row, columns: Int(from.rounded())..<Int(to.rounded()), colour)
        }
    }

    /// Makes this `256 - weight` parts of itself and `weight` parts of the other.
    mutating func blend(_ other: borrowing Canvas, weight: Int) {
        let (mine, its) = (Int32(256 - weight), Int32(weight))
        for index in pixels.indices {
            pixels[index] = UInt8(
                truncatingIfNeeded: (Int32(pixels[index]) &* mine &+ Int32(other.pixels[index]) &* its) &>> 8)
        }
    }

    @inline(__always)
    private static func byte(_ value: Float) -> UInt8 { UInt8(max(0, min(255, value))) }
}

/// One thing to look at. Drawing depends on nothing but the time, so that a frame number always gives the same picture.
protocol SceneView {
    /// Draws the whole canvas as it is `time` seconds after the view began.
    func draw(on canvas: inout Canvas, time: Float)
}

/// Backgrounds that several views share.
struct Backdrop {
    let clouds = Noise(octaves: 5, seed: 1)
    let detail = Noise(octaves: 6, seed: 2)

    /// Sky with clouds that drift, lighter towards the horizon at row `horizon`.
    @inline(__always)
    func sky(_ x: Float, _ y: Float, horizon: Float, time: Float) -> Colour {
        let height = 1 - y / horizon
        let base = Colour(198, 214, 228).mixed(Colour(92, 142, 205), height)
        // Clouds get flatter towards the horizon.
        let squeeze = 1 / (0.25 + height)
        let cover = clouds((x - 320) * 0.16 * squeeze + time * 3, 90 * squeeze)
        return base.mixed(Colour(240, 241, 243), step(0.5, 0.72, cover) * 0.85)
    }

    /// Mown or wild grass, darker with distance.
    @inline(__always)
    func grass(_ x: Float, _ y: Float, horizon: Float) -> Colour {
        let depth = 60 / (y - horizon + 12)
        let fine = detail(x * (0.6 + depth), y * 1.7)
        let coarse = clouds((x - 320) * 0.3 * depth, 200 * depth)
        return Colour(92, 122, 52).mixed(Colour(126, 150, 74), coarse) * (0.55 + 0.75 * fine)
    }

    /// A leafy tree: crown around (cx, cy), on a trunk down to `foot`.
    func tree(on canvas: inout Canvas, cx: Float, cy: Float, radius: Float, foot: Float, seed: Float) {
        canvas.fill(cx - radius * 0.09, cy, radius * 0.18, foot - cy) { x, y in
            Colour(84, 66, 50) * (0.6 + 0.7 * detail(x * 2, y * 0.4 + seed))
        }
        for row in Int(max(0, cy - radius * 1.1))..<Int(max(0, min(480, cy + radius))) {
            for column in Int(max(0, cx - radius * 1.2))..<Int(max(0, min(640, cx + radius * 1.2))) {
                let (dx, dy) = ((Float(column) - cx) / radius, (Float(row) - cy) / radius)
                let edge = 0.72 + 0.6 * clouds(Float(column) * 0.9 + seed, Float(row) * 0.9)
                if dx * dx + dy * dy > edge * edge { continue }
                canvas.shade(row: row, columns: column..<(column + 1)) { x, y in
                    let leaf = detail(x * 1.6 + seed, y * 1.6)
                    return Colour(52, 84, 34).mixed(Colour(112, 142, 62), leaf * 1.3 - 0.35 - dy * 0.3)
                        * (0.75 + 0.4 * leaf)
                }
            }
        }
    }
}
