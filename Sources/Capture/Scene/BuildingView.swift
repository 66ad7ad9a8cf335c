/// A tall office building seen from the street, with lower neighbours; the camera tilts slowly.
struct BuildingView: SceneView {
    let backdrop: Backdrop

    func draw(on canvas: inout Canvas, time: Float) {
        canvas.shade(rows: 0..<480) { x, y in backdrop.sky(x, y, horizon: 480, time: time) }
        let lean = 0.1 + 0.006 * time
        block(
            on: &canvas, left: -40, right: 138, top: 190, lean: lean, tone: Colour(158, 122, 98), columns: 7, rows: 10,
            seed: 3)
        block(
            on: &canvas, left: 520, right: 700, top: 150, lean: lean, tone: Colour(186, 180, 168), columns: 8, rows: 12,
            seed: 4)
        tower(on: &canvas, lean: lean)
        canvas.shade(rows: 446..<480) { x, y in
            Colour(128, 126, 122) * (0.72 + 0.45 * backdrop.detail(x * 1.2, y * 3))
        }
        backdrop.tree(on: &canvas, cx: 70, cy: 392, radius: 46, foot: 452, seed: 17)
        backdrop.tree(on: &canvas, cx: 578, cy: 398, radius: 42, foot: 452, seed: 53)
    }

    /// Two faces of the main building, lit from the right.
    private func tower(on canvas: inout Canvas, lean: Float) {
        face(on: &canvas, from: (176, 96, 448), to: (330, 34, 452), lean: lean, shade: 0.66, columns: 9, seed: 1)
        face(on: &canvas, from: (330, 34, 452), to: (508, 112, 446), lean: lean, shade: 1, columns: 11, seed: 2)
    }

    /// A wall between two upright edges given as (x, top, foot); walls converge upwards by `lean`.
    private func face(
        on canvas: inout Canvas, from: (Float, Float, Float), to: (Float, Float, Float), lean: Float, shade: Float,
        columns: Float, seed: UInt32
    ) {
        let rows: Float = 16
        for row in Int(min(from.1, to.1))..<452 {
            let y = Float(row)
            let pull = 1 - lean * (452 - y) / 452
            let (x0, x1) = (342 + (from.0 - 342) * pull, 342 + (to.0 - 342) * pull)
            canvas.shade(row: row, columns: Int(x0.rounded())..<max(Int(x0.rounded()), Int(x1.rounded()))) { x, y in
                let along = (x - x0) / (x1 - x0)
                let (top, foot) = (mix(from.1, to.1, along), mix(from.2, to.2, along))
                let up = (foot - y) / (foot - top)
                if up > 1 { return backdrop.sky(x, y, horizon: 480, time: 0) }
                return pane(along * columns, up * rows, rows, x, y, seed) * shade
            }
        }
    }

    private func pane(_ column: Float, _ row: Float, _ rows: Float, _ x: Float, _ y: Float, _ seed: UInt32) -> Colour {
        let stone = Colour(198, 190, 176) * (0.86 + 0.24 * backdrop.detail(x * 0.9, y * 0.9))
        if row > rows - 0.35 { return stone * 0.82 }
        if row < 1.1 {  // ground floor: pillars and dark glass
            return column - column.rounded(.down) < 0.2
                ? stone * 0.9 : Colour(48, 50, 54) * (0.7 + 0.6 * backdrop.clouds(x, y))
        }
        let (u, v) = (column - column.rounded(.down), row - row.rounded(.down))
        guard u > 0.16 && u < 0.84 && v > 0.2 && v < 0.86 else { return v < 0.06 ? stone * 0.78 : stone }
        if abs(u - 0.5) < 0.025 || v > 0.8 { return Colour(92, 92, 92) }
        // Panes mirror the sky, each at its own angle; a few have their blinds down.
        let own = Noise.hash(Int(column), Int(row), seed)
        if own > 0.86 { return Colour(206, 200, 184) * (0.8 + 0.2 * v) }
        let sky = backdrop.clouds(x * 0.5 + own * 60, y * 0.5)
        return Colour(44, 58, 74).mixed(Colour(158, 182, 204), sky * 1.1 - 0.2 + own * 0.25)
    }

    private func block(
        on canvas: inout Canvas, left: Float, right: Float, top: Float, lean: Float, tone: Colour, columns: Float,
        rows: Float,
        seed: UInt32
    ) {
        canvas.fill(left, top, right - left, 452 - top) { x, y in
            let (u, v) = ((x - left) / (right - left) * columns, (452 - y) / (452 - top) * rows)
            let (partU, partV) = (u - u.rounded(.down), v - v.rounded(.down))
            let wall = tone * (0.72 + 0.3 * backdrop.detail(x, y))
            guard partU > 0.28, partU < 0.74, partV > 0.25, partV < 0.8, v < rows - 0.4 else { return wall }
            return Colour(54, 62, 72).mixed(Colour(128, 146, 164), Noise.hash(Int(u), Int(v), seed))
        }
    }
}
