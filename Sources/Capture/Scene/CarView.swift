/// A red car drives along a country road, seen from the side.
struct CarView: SceneView {
    let backdrop: Backdrop

    func draw(on canvas: inout Canvas, time: Float) {
        let pan = time * 46
        let wood = (0..<640).map { 150 + 70 * backdrop.clouds((Float($0) + pan * 0.5) * 0.22, 77) }
        canvas.shade(rows: 0..<270) { x, y in
            if y < wood[Int(x)] { return backdrop.sky(x, y, horizon: 300, time: time) }
            let leaf = backdrop.detail((x + pan * 0.5) * 1.1, y * 1.1)
            let clump = backdrop.clouds((x + pan * 0.5) * 0.7, y * 0.8)
            return Colour(40, 62, 32).mixed(Colour(98, 122, 58), leaf * 0.9 + clump * 0.7 - 0.4) * (0.6 + 0.6 * leaf)
        }
        canvas.shade(rows: 270..<318) { x, y in backdrop.grass(x + pan, y, horizon: 250) }
        canvas.shade(rows: 318..<480) { x, y in
            let grain = backdrop.detail((x + pan) * 1.4, y * 3.2)
            if y < 326 || (y > 452 && y < 460) { return Colour(206, 204, 196) * (0.75 + 0.3 * grain) }
            let worn = backdrop.clouds((x + pan) * 0.2, y * 1.2)
            return Colour(98, 98, 101) * (0.66 + 0.34 * grain + 0.3 * worn)
        }
        // It overtakes the camera: from left to right within the view's time.
        let cx = 190 + time * 62
        CarShape.side(on: &canvas, cx: cx, foot: 408, unit: 104, paint: Colour(178, 28, 30), turn: time * 9)
    }
}
