/// Cars as shapes, from behind and from the side.
enum CarShape {
    /// Seen from behind. `unit` is about 0.6 of the car's width, in pixels.
    static func rear(on canvas: inout Canvas, cx: Float, foot: Float, unit: Float, paint: Colour) {
        func box(_ x0: Float, _ x1: Float, _ y0: Float, _ y1: Float, _ colour: Colour) {
            canvas.fill(cx + x0 * unit, foot - y1 * unit, (x1 - x0) * unit, (y1 - y0) * unit) { _, y in
                colour * (0.85 + 0.35 * (foot - y) / (1.5 * unit))
            }
        }
        canvas.ellipse(cx, foot, unit * 1.05, unit * 0.12) { _, _ in Colour(38, 38, 40) }
        for wheel in [Float(-0.82), 0.52] { box(wheel, wheel + 0.3, 0, 0.4, Colour(26, 26, 28)) }
        box(-0.9, 0.9, 0.22, 0.86, paint)
        canvas.fill([
            (cx - 0.86 * unit, foot - 0.86 * unit), (cx + 0.86 * unit, foot - 0.86 * unit),
            (cx + 0.66 * unit, foot - 1.4 * unit), (cx - 0.66 * unit, foot - 1.4 * unit),
        ]) { _, _ in paint * 0.85 }
        canvas.fill([
            (cx - 0.72 * unit, foot - 0.9 * unit), (cx + 0.72 * unit, foot - 0.9 * unit),
            (cx + 0.58 * unit, foot - 1.32 * unit), (cx - 0.58 * unit, foot - 1.32 * unit),
        ]) { _, y in Colour(42, 50, 58).mixed(Colour(150, 168, 182), (foot - 0.9 * unit - y) / (0.5 * unit)) }
        for lamp in [Float(-0.88), 0.6] { box(lamp, lamp + 0.28, 0.6, 0.76, Colour(190, 34, 30)) }
        box(-0.26, 0.26, 0.42, 0.56, Colour(226, 224, 206))
        box(-0.92, 0.92, 0.22, 0.34, Colour(58, 58, 62))
    }

    /// Seen from the side, nose to the right. `unit` is about a quarter of its length, in pixels; `turn` the wheels' angle.
    static func side(on canvas: inout Canvas, cx: Float, foot: Float, unit: Float, paint: Colour, turn: Float) {
        func point(_ x: Float, _ y: Float) -> (x: Float, y: Float) { (cx + x * unit, foot - y * unit) }
        canvas.ellipse(cx, foot, unit * 2.2, unit * 0.13) { _, _ in Colour(44, 44, 46) }
        canvas.fill([
            point(-2.1, 0.35), point(-2.14, 0.85), point(-1.95, 1.02), point(-1.5, 1.06), point(-0.95, 1.52),
            point(0.35, 1.54), point(1.05, 1.05), point(1.85, 0.94), point(2.12, 0.74), point(2.14, 0.36),
        ]) { _, y in
            // The flank mirrors sky above and road below.
            let up = (foot - y) / unit
            return paint * (0.55 + 0.45 * step(0.4, 0.9, up) + 0.35 * step(0.98, 1.04, up) * step(1.14, 1.05, up))
        }
        for pane in [
            [point(-1.36, 1.06), point(-0.9, 1.44), point(-0.3, 1.46), point(-0.3, 1.06)],
            [point(-0.2, 1.06), point(-0.2, 1.46), point(0.3, 1.46), point(0.86, 1.06)],
        ] {
            canvas.fill(pane) { x, y in
                let shine = step(0.45, 0.55, sine((x + y * 0.8) / unit * 1.2) * 0.5 + 0.5)
                return Colour(40, 48, 56).mixed(Colour(134, 152, 166), shine * 0.5 + 0.15)
            }
        }
        for seam in [Float(-0.26), 0.95] {
            canvas.fill(cx + seam * unit, foot - 1.04 * unit, max(1, unit * 0.02), unit * 0.62) { _, _ in paint * 0.45 }
        }
        canvas.fill(cx - 0.5 * unit, foot - 0.92 * unit, unit * 0.18, unit * 0.05) { _, _ in Colour(210, 210, 212) }
        canvas.fill([point(1.86, 0.9), point(2.1, 0.76), point(2.1, 0.66), point(1.8, 0.74)]) { _, _ in
            Colour(244, 240, 220)
        }
        canvas.fill([point(-2.13, 0.84), point(-1.98, 0.88), point(-1.98, 0.7), point(-2.12, 0.7)]) { _, _ in
            Colour(176, 26, 24)
        }
        canvas.fill(cx - 2.14 * unit, foot - 0.42 * unit, unit * 4.28, unit * 0.12) { _, _ in Colour(52, 52, 56) }
        for wheel in [Float(-1.32), 1.34] {
            let (wx, wy) = (cx + wheel * unit, foot - 0.36 * unit)
            canvas.ellipse(wx, wy - 0.03 * unit, unit * 0.46, unit * 0.46) { _, _ in Colour(20, 20, 22) }
            canvas.ellipse(wx, wy, unit * 0.38, unit * 0.38) { _, _ in Colour(34, 34, 36) }
            canvas.ellipse(wx, wy, unit * 0.26, unit * 0.26) { _, _ in Colour(164, 166, 170) }
            for spoke in 0..<5 {
                let angle = turn + Float(spoke) * 2 * Float.pi / 5
                let (dx, dy) = (sine(angle + Float.pi / 2) * unit * 0.16, sine(angle) * unit * 0.16)
                canvas.ellipse(wx + dx, wy + dy, unit * 0.06, unit * 0.06) { _, _ in Colour(60, 60, 64) }
            }
        }
    }
}
