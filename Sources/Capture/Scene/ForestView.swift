/// Many trunks, leaves above, litter below; the camera moves sideways, near trees faster than far ones.
struct ForestView: SceneView {
    let backdrop: Backdrop

    func draw(on canvas: inout Canvas, time: Float) {
        canvas.shade(rows: 0..<480) { x, y in
            y < 320 ? leaves(x + time * 4, y) : floor(x, y, time)
        }
        for layer in 0..<4 { trunks(on: &canvas, layer: layer, time: time) }
        // Branches hang over the trunks.
        for row in 0..<150 {
            for column in 0..<Canvas.width {
                let (x, y) = (Float(column) + time * 24, Float(row))
                guard backdrop.clouds(x * 0.5, y * 0.5 + 30) > 0.3 + y / 340 else { continue }
                canvas.shade(row: row, columns: column..<(column + 1)) { _, y in
                    leaves(x * 0.8 + 71, y * 0.8 + 13) * 0.8
                }
            }
        }
    }

    private func leaves(_ x: Float, _ y: Float) -> Colour {
        let clump = backdrop.clouds(x * 0.45, y * 0.45)
        let leaf = backdrop.detail(x * 1.9, y * 1.9)
        let green = Colour(26, 44, 20).mixed(Colour(116, 146, 56), clump * 0.9 + leaf * 0.9 - 0.55)
        // The sky shines through in places.
        return green.mixed(Colour(216, 226, 206), step(0.6, 0.72, leaf * 0.5 + clump * 0.6 - y / 1600))
            * (0.6 + 0.7 * leaf)
    }

    private func floor(_ x: Float, _ y: Float, _ time: Float) -> Colour {
        let near = 1 + (y - 320) / 60
        let u = (x - 320) / near + time * 9
        let patch = backdrop.clouds(u * 0.7, 60 / near)
        let litter = backdrop.detail(u * 3.1, 700 / near)
        return Colour(70, 82, 34).mixed(Colour(116, 86, 54), step(0.4, 0.62, patch)) * (0.42 + 1.0 * litter)
    }

    private func trunks(on canvas: inout Canvas, layer: Int, time: Float) {
        let near = Float(layer) / 3
        let spacing: Float = 34 + 62 * near
        let shift = time * (6 + 22 * near)
        let first = Int((shift / spacing).rounded(.down)) - 1
        for index in first..<(first + Int(700 / spacing) + 3) {
            let chance = Noise.hash(index, layer, 5)
            if chance < 0.25 { continue }
            let centre = (Float(index) + Noise.hash(index, layer, 6) * 0.7) * spacing - shift
            let half = (4 + 17 * near) * (0.55 + 0.6 * chance)
            let foot = 322 + near * 110 + 12 * Noise.hash(index, layer, 7)
            let lean = (Noise.hash(index, layer, 8) - 0.5) * 36
            let mist = Colour(150, 164, 128)
            canvas.fill([
                (centre - half * 0.75 + lean, -2), (centre + half * 0.75 + lean, -2), (centre + half, foot - 12),
                (centre + half * 1.35, foot), (centre - half * 1.35, foot), (centre - half, foot - 12),
            ]) { x, y in
                let across = (x - centre - lean * (1 - y / foot)) / half
                let bark = backdrop.detail(across * 16 + Float(index) * 31, y * 0.35)
                let round = 1.05 - 0.55 * across * across - 0.25 * across
                let wood = Colour(92, 78, 62) * (max(0.2, round) * (0.35 + 1.1 * bark))
                return wood.mixed(mist, (1 - near) * 0.42)
            }
        }
    }
}
