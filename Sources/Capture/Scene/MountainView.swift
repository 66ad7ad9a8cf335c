/// Snowy peaks behind hills with conifers.
struct MountainView: SceneView {
    let backdrop: Backdrop

    func draw(on canvas: inout Canvas, time: Float) {
        let drift = time * 4
        let peaks = (0..<640).map { ridge(Float($0) + drift, 60, 0.11, 250, 7) }
        let hills = (0..<640).map { ridge(Float($0) + drift * 1.6, 250, 0.07, 110, 90) }
        canvas.shade(rows: 0..<480) { x, y in
            let column = Int(x)
            if y > hills[column] { return hill(x + drift * 1.6, y, hills[column]) }
            if y > peaks[column] { return rock(x + drift, y, peaks[column]) }
            return backdrop.sky(x, y, horizon: 330, time: time)
        }
    }

    /// Row of a skyline.
    private func ridge(_ x: Float, _ top: Float, _ pace: Float, _ height: Float, _ row: Float) -> Float {
        let coarse = backdrop.clouds(x * pace, row)
        let fine = backdrop.detail(x * pace * 5, row)
        return top + height * (1.25 - 1.35 * coarse) + 34 * (fine - 0.5)
    }

    private func rock(_ x: Float, _ y: Float, _ top: Float) -> Colour {
        // Light comes from the left: a slope is lit by how much lower the rock is there.
        let here = backdrop.clouds(x * 0.33, y * 0.26)
        let left = backdrop.clouds(x * 0.33 - 3, y * 0.26 - 1.2)
        let fine = backdrop.detail(x * 1.1, y * 0.8)
        let light = 0.62 + 2.6 * (here - left) + 0.35 * (fine - 0.5)
        let snow = step(0.42, 0.58, fine * 0.5 + here * 0.3 + (260 - y) / 420)
        let stone = Colour(104, 100, 104).mixed(Colour(80, 88, 72), step(210, 330, y))
        let haze = step(120, 420, y) * 0.25
        return stone.mixed(Colour(246, 248, 255), snow).mixed(Colour(236, 240, 250), 0) * max(0.35, min(1.15, light))
            + haze * 40
    }

    private func hill(_ x: Float, _ y: Float, _ top: Float) -> Colour {
        let depth = (y - top) / 200
        // Tips of conifers: narrow vertical streaks, larger when nearer.
        let size = 0.9 - 0.5 * min(1, depth)
        let tree = backdrop.detail(x * size * 1.6, y * size * 0.6)
        let patch = backdrop.clouds(x * 0.2, y * 0.3)
        let wood = Colour(30, 52, 38).mixed(Colour(74, 98, 58), step(0.4, 0.75, tree))
        let meadow = Colour(112, 128, 66) * (0.7 + 0.5 * tree)
        return wood.mixed(meadow, step(0.5, 0.6, patch) * step(0.25, 0.7, depth))
    }
}
