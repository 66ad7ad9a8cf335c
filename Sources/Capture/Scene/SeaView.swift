/// Open water with waves that roll onto a beach.
struct SeaView: SceneView {
    let backdrop: Backdrop
    private let horizon: Float = 196

    func draw(on canvas: inout Canvas, time: Float) {
        canvas.shade(rows: 0..<196) { x, y in backdrop.sky(x, y, horizon: horizon, time: time) }
        canvas.shade(rows: 196..<480) { x, y in
            let near = (y - horizon) / 284
            let shore = 0.8 + 0.05 * backdrop.clouds(x * 0.05, 40 + time * 2) + 0.02 * sine(time * 1.4)
            return near < shore ? water(x, near, shore, time) : sand(x, y, near - shore)
        }
    }

    private func water(_ x: Float, _ near: Float, _ shore: Float, _ time: Float) -> Colour {
        let depth = 1 / (near + 0.035)
        let u = (x - 320) * depth * 0.14
        let swell = backdrop.clouds(u * 0.35, depth * 9 + time * 5)
        let ripple = backdrop.detail(u * 2.2, depth * 34 + time * 9)
        let base = Colour(116, 152, 178).mixed(Colour(28, 92, 120), near * 2.6).mixed(
            Colour(96, 158, 158), step(0.55, 0.8, near) * 0.7)
        let lit = base * (0.62 + 0.42 * swell + 0.36 * ripple)
        let glint = step(0.66, 0.8, ripple) * (1 - near) * 0.8
        // Lines of foam come in and end at the beach.
        let phase = near * 9 - time * 0.45 + swell * 1.3
        let crest = phase - phase.rounded(.down)
        let foam = step(0.8, 0.97, crest) * step(0.3, 0.62, near) * step(0.35, 0.6, ripple)
        let edge = step(0.035, 0, shore - near)
        return lit.mixed(Colour(250, 250, 246), max(glint, max(foam, edge * (0.5 + ripple))))
    }

    private func sand(_ x: Float, _ y: Float, _ dry: Float) -> Colour {
        let grain = backdrop.detail(x * 1.3, y * 2.1)
        return Colour(142, 122, 96).mixed(Colour(206, 186, 150), step(0, 0.1, dry)) * (0.78 + 0.42 * grain)
    }
}

/// Sine, good to 0.001, without a C library: period 2 pi.
@inline(__always)
func sine(_ angle: Float) -> Float {
    let turns = angle / (2 * Float.pi)
    let part = turns - turns.rounded(.down) - 0.5
    // Parabola through the zeros, then corrected once.
    let parabola = 16 * part * (abs(part) - 0.5)
    return parabola * (0.775 + 0.225 * abs(parabola))
}
