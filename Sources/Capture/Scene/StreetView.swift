/// A city street in perspective: houses on both sides, cars at the kerb, one that drives away.
struct StreetView: SceneView {
    let backdrop: Backdrop
    private let horizon: Float = 226
    private let vanish: Float = 320

    func draw(on canvas: inout Canvas, time: Float) {
        let travel = time * 1.1
        canvas.shade(rows: 0..<226) { x, y in backdrop.sky(x, y, horizon: 260, time: time) }
        canvas.shade(rows: 226..<480) { x, y in ground(x, y, travel) }
        for side in [Float(-1), 1] { facades(on: &canvas, side: side, travel: travel) }
        // Far to near; the parked ones come towards us.
        let parked = (0..<7).map {
            (Float($0) * 3.4 + 2.2 - travel.truncatingRemainder(dividingBy: 3.4), $0 + Int(travel / 3.4))
        }
        for (depth, index) in parked.reversed() where depth > 1.3 {
            car(on: &canvas, depth: depth, x: -3.1, hue: index)
            car(on: &canvas, depth: depth + 1.2, x: 3.1, hue: index + 3)
        }
        car(on: &canvas, depth: 3.6 + time * 0.4, x: 0.9, hue: 4)
    }

    private func ground(_ x: Float, _ y: Float, _ travel: Float) -> Colour {
        let depth = 210 / (y - horizon + 1)  // in units of the camera's height, roughly
        let across = (x - vanish) * depth / 110
        let along = depth * 2 + travel * 2
        let grain = backdrop.detail(across * 26, along * 40)
        let side = abs(across)
        if side > 4.1 { return Colour(150, 146, 140) * (0.74 + 0.4 * grain) }  // pavement
        if side > 3.95 { return Colour(190, 188, 182) * (0.8 + 0.3 * grain) }  // kerb
        let dash = along - (along / 3).rounded(.down) * 3
        if side < 0.09 && dash < 1.6 { return Colour(222, 220, 210) * (0.8 + 0.25 * grain) }
        let worn = backdrop.clouds(across * 9, along * 4)
        return Colour(92, 92, 95) * (0.7 + 0.35 * grain + 0.25 * worn)
    }

    private func facades(on canvas: inout Canvas, side: Float, travel: Float) {
        // A wall stands at |across| = 5.4; column x sees it at depth 5.4 * 110 / |x - vanish|.
        let seed: UInt32 = side < 0 ? 11 : 12
        for column in 0..<640 {
            let offset = (Float(column) + 0.5 - vanish) * side
            if offset < 24 { continue }
            let depth = 5.4 * 110 / offset
            let along = depth * 2 + travel * 2
            let house = Int((along / 5).rounded(.down))
            let scale = 210 / depth
            let floors = 3 + Int(Noise.hash(house, 1, seed) * 4)
            let top = horizon + scale - scale * (Float(floors) * 0.82 + 0.9)
            let paint = palette(house, seed)
            let within = along - Float(house) * 5
            let haze = step(2, 22, depth) * 0.6
            let foot = min(480, Int(horizon + scale))
            let isShade: Float = side < 0 ? 0.72 : 1
            for row in Int(max(0, top))..<max(Int(max(0, top)), foot) {
                canvas.shade(row: row, columns: column..<(column + 1)) { _, y in
                    let up = (horizon + scale - y) / scale
                    let wall = paint * (isShade * (0.8 + 0.3 * backdrop.detail(along * 30, up * 60)))
                    return facade(wall, within, up, Float(floors) * 0.82 + 0.9, house, seed).mixed(
                        Colour(196, 206, 216), haze)
                }
            }
        }
    }

    private func facade(
        _ wall: Colour, _ within: Float, _ up: Float, _ roof: Float, _ house: Int, _ seed: UInt32
    ) -> Colour {
        if within < 0.09 || up > roof - 0.1 { return wall * 0.66 }
        if up < 0.82 {  // shops
            let isGlass = within > 0.4 && within < 4.6 && up > 0.1 && up < 0.66
            if up > 0.68 { return palette(house + 5, seed) * 0.7 }
            return isGlass ? Colour(58, 62, 66) * (0.7 + 0.8 * backdrop.clouds(within * 30, up * 40)) : wall * 0.8
        }
        let row = (up - 0.9) / 0.82
        let (partX, partY) = (within / 1.25 - (within / 1.25).rounded(.down), row - row.rounded(.down))
        if partX > 0.26 && partX < 0.74 && partY > 0.2 && partY < 0.82 {
            let isFrame = partX < 0.3 || partX > 0.7 || partY < 0.25 || partY > 0.77 || abs(partX - 0.5) < 0.02
            let shine = Noise.hash(Int(within / 1.25) + house * 9, Int(row), seed)
            return isFrame ? Colour(216, 212, 204) : Colour(52, 62, 74).mixed(Colour(140, 160, 178), shine * 0.7)
        }
        return partY < 0.06 ? wall * 0.82 : wall
    }

    private func palette(_ house: Int, _ seed: UInt32) -> Colour {
        let tones = [
            Colour(178, 150, 118), Colour(152, 92, 72), Colour(196, 188, 172), Colour(168, 142, 106),
            Colour(138, 128, 120),
            Colour(206, 178, 128), Colour(126, 84, 66),
        ]
        return tones[Int(Noise.hash(house, 2, seed) * 6.99)]
    }

    /// Back of a car on the road.
    private func car(on canvas: inout Canvas, depth: Float, x: Float, hue: Int) {
        let unit = 110 / depth
        let (cx, foot) = (vanish + x * unit, horizon + 210 / depth)
        guard unit > 3, cx > -150, cx < 790 else { return }
        let paints = [
            Colour(150, 32, 30), Colour(196, 198, 202), Colour(40, 44, 52), Colour(36, 64, 118), Colour(224, 224, 220),
        ]
        let paint = paints[((hue % 5) + 5) % 5]
        CarShape.rear(on: &canvas, cx: cx, foot: foot, unit: unit * 0.95, paint: paint)
    }
}
