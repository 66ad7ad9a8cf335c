import PowerSimulation

/// Temperature above, inferences a second below, over hours: with the governor and without, as an SVG of some kilobytes.
struct Plot {
    let title: String
    /// Degrees.
    let limit: Double
    let governed: [Simulation.Sample]
    /// The same trace with nobody in charge but the firmware.
    let free: [Simulation.Sample]

    private static let (width, left, panel) = (720.0, 44.0, 150.0)

    var svg: String {
        let hours = (governed.last?.seconds ?? 3600) / 3600
        let (low, high) = (45.0, 90.0)
        let most = max(1, (governed + free).map(\.rate).max() ?? 1)
        var text = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 380" font-family="sans-serif" font-size="11">
            <rect width="720" height="380" fill="#fff"/><text x="44" y="16" font-size="13">\(title)</text>

            """
        text += frame(top: 26, labels: stride(from: 50, through: 90, by: 10).map { (Double($0), low, high) }, unit: "C")
        text += curve(free.map { ($0.seconds, $0.celsius) }, 26, low, high, hours, "#bbb")
        text += level(limit, 26, low, high)
        text += curve(governed.map { ($0.seconds, $0.celsius) }, 26, low, high, hours, "#c33")
        let step = most > 200 ? 100.0 : 50.0
        text += frame(
            top: 206, labels: stride(from: 0, through: most, by: step).map { ($0, 0, most) }, unit: "/s")
        text += curve(free.map { ($0.seconds, $0.rate) }, 206, 0, most, hours, "#bbb")
        text += curve(governed.map { ($0.seconds, $0.rate) }, 206, 0, most, hours, "#36c")
        for hour in 0...Int(hours.rounded()) {
            let x = Plot.left + Double(hour) / hours * (Plot.width - Plot.left - 10)
            text += "<text x=\"\(Plot.short(x))\" y=\"372\" text-anchor=\"middle\">\(hour) h</text>\n"
        }
        text += "<text x=\"710\" y=\"16\" text-anchor=\"end\" fill=\"#888\">grey: without the governor</text>\n</svg>\n"
        return text
    }

    private func frame(top: Double, labels: [(value: Double, low: Double, high: Double)], unit: String) -> String {
        labels.map { label in
            let y = Plot.short(Plot.y(label.value, top, label.low, label.high))
            return "<line x1=\"44\" x2=\"710\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#eee\"/>"
                + "<text x=\"40\" y=\"\(y)\" text-anchor=\"end\">\(Int(label.value)) \(unit)</text>\n"
        }.joined()
    }

    private func level(_ value: Double, _ top: Double, _ low: Double, _ high: Double) -> String {
        let y = Plot.short(Plot.y(value, top, low, high))
        return "<line x1=\"44\" x2=\"710\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"#333\" stroke-dasharray=\"4 3\"/>\n"
    }

    /// 360 points are as many as one sees; of each stretch the largest value, so that no peak is lost.
    private func curve(
        _ points: [(Double, Double)], _ top: Double, _ low: Double, _ high: Double, _ hours: Double, _ colour: String
    ) -> String {
        let size = max(1, points.count / 360)
        var path = ""
        for start in stride(from: 0, to: points.count, by: size) {
            let stretch = points[start..<min(points.count, start + size)]
            guard let peak = stretch.max(by: { $0.1 < $1.1 }) else { continue }
            let x = Plot.left + peak.0 / 3600 / hours * (Plot.width - Plot.left - 10)
            path += (path.isEmpty ? "M" : "L") + Plot.short(x) + " " + Plot.short(Plot.y(peak.1, top, low, high))
        }
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.3\"/>\n"
    }

    private static func y(_ value: Double, _ top: Double, _ low: Double, _ high: Double) -> Double {
        top + panel - (min(high, max(low, value)) - low) / (high - low) * panel
    }

    private static func short(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
