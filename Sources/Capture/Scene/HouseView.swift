/// A family house with a gabled roof behind a lawn; somebody walks past slowly: the camera.
struct HouseView: SceneView {
    let backdrop: Backdrop
    private let horizon: Float = 300

    func draw(on canvas: inout Canvas, time: Float) {
        let shift = 12 - time * 7
        canvas.shade(rows: 0..<300) { x, y in backdrop.sky(x, y, horizon: 330, time: time) }
        canvas.shade(rows: 250..<300) { x, y in
            let leaf = backdrop.detail(x * 1.3 + 30, y * 1.3)
            let top = 262 + 30 * backdrop.clouds((x - shift) * 0.4, 9)
            return y < top ? backdrop.sky(x, y, horizon: 330, time: time) : Colour(48, 74, 38) * (0.5 + leaf)
        }
        canvas.shade(rows: 300..<480) { x, y in backdrop.grass(x - shift, y, horizon: horizon - 20) }
        backdrop.tree(on: &canvas, cx: 66 + shift * 0.8, cy: 190, radius: 82, foot: 338, seed: 5)
        walls(on: &canvas, shift)
        roof(on: &canvas, shift)
        openings(on: &canvas, shift)
        path(on: &canvas, shift)
        for bush in 0..<6 {
            let x = [Float(150), 196, 236, 392, 520, 566][bush] + shift
            backdrop.tree(
                on: &canvas, cx: x, cy: 352, radius: 20 + 6 * Noise.hash(bush, 1, 9), foot: 362, seed: Float(bush) * 23)
        }
    }

    private func walls(on canvas: inout Canvas, _ shift: Float) {
        // Boards: a darker line every 11 rows.
        func siding(_ x: Float, _ y: Float, _ tone: Colour, _ light: Float) -> Colour {
            let board = y / 11 - (y / 11).rounded(.down)
            return tone
                * (light * (board < 0.12 ? 0.8 : 0.95 + 0.05 * board) * (0.94 + 0.12 * backdrop.detail(x * 0.5, y * 2)))
        }
        canvas.fill(300 + shift, 232, 286, 132) { x, y in siding(x, y, Colour(222, 214, 192), 0.96) }
        canvas.fill([
            (150 + shift, 364), (150 + shift, 226), (236 + shift, 130), (322 + shift, 226), (322 + shift, 364),
        ]) { x, y in
            siding(x, y, Colour(230, 222, 202), 1.03)
        }
        canvas.fill(150 + shift, 352, 436, 14) { x, y in
            Colour(132, 122, 114) * (0.7 + 0.5 * backdrop.detail(x * 2, y * 2))
        }
    }

    private func roof(on canvas: inout Canvas, _ shift: Float) {
        func tiles(_ x: Float, _ y: Float) -> Colour {
            let row = (y / 8).rounded(.down)
            let own = Noise.hash(Int((x + row * 5) / 12), Int(row), 4)
            let edge: Float = y / 8 - row < 0.2 ? 0.72 : 1
            return Colour(118, 70, 54).mixed(Colour(146, 92, 70), own) * (edge * (0.8 + 0.35 * backdrop.detail(x, y)))
        }
        canvas.fill([(246 + shift, 128), (548 + shift, 128), (606 + shift, 236), (330 + shift, 236)]) { x, y in
            tiles(x - shift, y)
        }
        // White boards along the gable.
        let (left, right): (Float, Float) = (132 + shift, 340 + shift)
        canvas.fill([
            (left, 238), (236 + shift, 116), (right, 238), (right - 14, 244), (236 + shift, 136), (left + 14, 244),
        ]) { _, _ in Colour(240, 238, 230) }
        canvas.fill(470 + shift, 92, 34, 64) { x, y in
            let brick = (y / 7 - (y / 7).rounded(.down)) < 0.18
            return (brick ? Colour(190, 178, 166) : Colour(140, 78, 62)) * (0.75 + 0.4 * backdrop.detail(x * 2, y * 2))
        }
    }

    private func openings(on canvas: inout Canvas, _ shift: Float) {
        func window(_ x: Float, _ y: Float, _ width: Float, _ height: Float) {
            canvas.fill(x - 5, y - 5, width + 10, height + 11) { _, _ in Colour(244, 243, 238) }
            canvas.fill(x, y, width, height) { px, py in
                let glass = Colour(52, 62, 72).mixed(
                    Colour(160, 182, 202), backdrop.clouds(px * 0.6, py * 0.6) * 1.2 - 0.25)
                let curtain = abs((px - x) / width - 0.5) > 0.36 ? Float(0.65) : 0
                return glass.mixed(Colour(222, 214, 200), curtain)
            }
            canvas.fill(x + width / 2 - 1.5, y, 3, height) { _, _ in Colour(240, 239, 233) }
            canvas.fill(x, y + height / 2 - 1.5, width, 3) { _, _ in Colour(240, 239, 233) }
        }
        window(178 + shift, 262, 44, 56)
        window(250 + shift, 262, 44, 56)
        window(216 + shift, 174, 40, 42)
        window(432 + shift, 264, 52, 52)
        window(516 + shift, 264, 46, 52)
        let door: Float = 344 + shift
        canvas.fill(door - 6, 254, 60, 104) { _, _ in Colour(244, 243, 238) }
        canvas.fill(door, 260, 48, 98) { x, y in
            let (u, v) = ((x - door) / 48, (y - 260) / 98)
            let panel = abs(abs(u - 0.5) - 0.22) < 0.15 && abs(v - 0.5).truncatingRemainder(dividingBy: 0.26) > 0.05
            return Colour(112, 40, 34) * (panel ? 0.86 : 1.05)
        }
        canvas.ellipse(door + 41, 312, 2.5, 2.5) { _, _ in Colour(226, 196, 110) }
        canvas.fill(door - 14, 358, 76, 9) { _, _ in Colour(176, 170, 162) }
    }

    private func path(on canvas: inout Canvas, _ shift: Float) {
        canvas.fill([(346 + shift, 367), (392 + shift, 367), (452 + shift * 1.8, 480), (286 + shift * 1.8, 480)]) {
            x, y in
            Colour(172, 164, 152) * (0.72 + 0.45 * backdrop.detail(x * 0.8, y * 2))
        }
    }
}
