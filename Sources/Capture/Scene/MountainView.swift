/// Snowy peaks behind hills with conifers.
struct MountainView: SceneView {
    let backdrop: Backdrop

    func draw(on canvas: inout Canvas, time: Float) {
        let drift = time * 4
        let peaks = (0..<640).map { peak(Float($0) + drift) }
        let slopes = (0..<640).map { 306 + 60 * (backdrop.clouds((Float($0) + drift * 1.3) * 0.11, 31) - 0.5) * 2 }
        let hills = (0..<640).map { 372 + 46 * (backdrop.clouds((Float($0) + drift * 1.8) * 0.09, 90) - 0.5) * 2 }
        canvas.shade(rows: 0..<480) { x, y in
            let column = Int(x)
            if y > hills[column] { return meadow(x + drift * 1.8, y, hills[column]) }
            // Tree tops make the edge of the wood ragged.
            let tip = 16 * backdrop.detail((x + drift * 1.3) * 2.1, 12)
            if y > slopes[column] - tip { return wood(x + drift * 1.3, y) }
            if y > peaks[column] { return rock(x + drift, y, peaks[column]) }
            return backdrop.sky(x, y, horizon: 330, time: time)
        }
    }

    /// Row of the skyline: three summits with straight flanks, broken up by noise.
    private func peak(_ x: Float) -> Float {
        let (left, middle, right) = (abs(x - 130) * 0.62 + 128, abs(x - 356) * 0.8 + 52, abs(x - 580) * 0.58 + 112)
        let rough = 70 * (backdrop.clouds(x * 0.3, 7) - 0.5) + 36 * (backdrop.detail(x * 0.9, 7) - 0.5)
        return min(left, min(middle, right)) + rough
    }

    private func rock(_ x: Float, _ y: Float, _ top: Float) -> Colour {
        // Ridges run down from the summits: bend the pattern with height, and light it from the left by its slope.
        let bend = 26 * (backdrop.clouds(x * 0.2, y * 0.2) - 0.5)
        let here = backdrop.detail((x + bend) * 0.62, (y - x * 0.25) * 0.34)
        let left = backdrop.detail((x + bend) * 0.62 - 1.7, (y - x * 0.25) * 0.34 - 0.5)
        let fine = backdrop.detail(x * 2.3, y * 2.1)
        let light = 0.78 + 3.4 * (here - left) + 0.3 * (fine - 0.5)
        let snow = step(0.44, 0.53, here * 0.55 + fine * 0.2 + (250 - y) / 520)
        let stone = Colour(112, 108, 112).mixed(Colour(92, 96, 84), step(200, 330, y))
        let lit = stone.mixed(Colour(248, 250, 255), snow) * max(0.42, min(1.12, light))
        return lit.mixed(Colour(168, 190, 216), 0.16 + 0.2 * step(140, 340, y))
    }

    private func wood(_ x: Float, _ y: Float) -> Colour {
        let tree = backdrop.detail(x * 2.1, y * 0.8)
        let patch = backdrop.clouds(x * 0.4, y * 0.5)
        return Colour(26, 46, 36).mixed(Colour(66, 92, 58), tree * 1.5 - 0.4) * (0.7 + 0.5 * patch)
    }

    private func meadow(_ x: Float, _ y: Float, _ top: Float) -> Colour {
        let depth = 30 / (y - top + 24)
        let fine = backdrop.detail(x * (0.5 + depth * 1.4), y * (1 + depth * 2))
        let patch = backdrop.clouds(x * 0.35 * (0.4 + depth), y * 0.8)
        return Colour(92, 116, 54).mixed(Colour(138, 142, 76), step(0.4, 0.62, patch)) * (0.55 + 0.8 * fine)
    }
}
