import Wire

/// Lays a `WatchBoard` out in lines for a terminal. Pure; a line never has more columns than the screen.
struct WatchScreen {
    let columns: Int
    let rows: Int
    let style: TerminalStyle

    /// At most `rows` lines.
    func lines(_ board: WatchBoard, clock: String) -> [String] {
        var lines = [head(board, clock), ""]
        lines += seen(board)
        lines.append("")
        lines += numbers(board)
        let left = rows - lines.count - 3
        if left > 0, !board.events.isEmpty {
            lines += ["", style.quiet("events")]
            lines += board.events.suffix(left).reversed().map {
                style.quiet($0.clock) + "  " + fit($0.text, columns - 10)
            }
        }
        if lines.count < rows { lines.append(style.quiet(fit("q quits", columns))) }
        return Array(lines.prefix(rows))
    }

    // MARK: parts

    private func head(_ board: WatchBoard, _ clock: String) -> String {
        guard board.link.isUp, let hello = board.hello else {
            return style.bad(fit(board.link.cause.isEmpty ? "connecting" : "no daemon: \(board.link.cause)", columns))
        }
        let camera = board.camera ?? CameraEvent(state: hello.camera.state, cause: "")
        let left = "\(hello.model.name), \(hello.model.labels) labels   \(hello.camera.id) "
        let room = max(0, columns - clock.count - 2)
        let name = fit(left, max(0, room - 10))
        if camera.state == .ok {
            return name + style.good("ok") + blanks(columns - name.count - 2 - clock.count) + style.quiet(clock)
        }
        let state = fit("camera \(camera.state.rawValue)\(camera.cause.isEmpty ? "" : ": \(camera.cause)")", columns)
        return style.bad(state)
    }

    private func seen(_ board: WatchBoard) -> [String] {
        guard let result = board.result else { return [style.quiet("nothing seen yet")] }
        let isLive = board.link.isUp && board.camera?.state != .lost
        let label =
            "\(result.label)  \((result.score * 100).text(0)) %\(result.stable ? "  stable" : "")\(isLive ? "" : "  (held)")"
        var lines = [style.strong(fit(label, columns)), ""]
        let nameWidth = min(14, columns / 4)
        let barWidth = max(4, columns - nameWidth - 10)
        for candidate in result.top.prefix(5) {
            let bar = style.bar(candidate.score, width: barWidth)
            lines.append(
                fit(candidate.label, nameWidth).padded(nameWidth + 1) + bar
                    + "\((candidate.score * 100).text(1)) %".padded(8, right: true))
        }
        return lines
    }

    private func numbers(_ board: WatchBoard) -> [String] {
        var lines: [String] = []
        if let times = board.result?.times {
            let rest = max(0, times.age - times.decode - times.prepare - times.infer)
            lines.append(
                row(
                    "time",
                    "\(times.age.text(1)) ms = decode \(times.decode.text(2)) + prepare \(times.prepare.text(2))"
                        + " + network \(times.infer.text(2)) + rest \(rest.text(2))"))
        }
        guard let status = board.status else { return lines }
        let skipped = status.frames.skipped.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        lines.append(
            row(
                "frames",
                "\(status.frames.captured) = \(status.frames.inferred) inferred"
                    + skipped.map { " + \($0.value) \($0.key)" }.joined()))
        lines.append(row("rate", board.sample?.rate.map { "\($0.text(1)) inferences a second" } ?? "-"))
        lines.append(row("power", status.power.sentence))
        var machine: [String] = []
        if let heat = status.sensors["temperature_celsius"] { machine.append("\(heat.text(1)) C") }
        if let cpu = board.sample?.cpuPercent { machine.append("CPU \(cpu.text(1)) %") }
        if let watts = status.sensors["watts"] { machine.append("\(watts.text(2)) W") }
        if status.sensors["throttled"] ?? 0 > 0 { machine.append("throttled") }
        if status.sensors["undervoltage"] ?? 0 > 0 { machine.append("under-voltage") }
        if !machine.isEmpty { lines.append(row("machine", machine.joined(separator: ", "))) }
        let history = board.samples.compactMap(\.cpuMs)
        if let last = history.last {
            let text = "\(last.text(2)) ms  "
            lines.append(row("CPU-ms", text + style.sparkline(history, width: max(0, columns - 10 - text.count - 1))))
        }
        return lines
    }

    private func row(_ name: String, _ text: String) -> String {
        style.quiet(name.padded(10)) + fit(text, columns - 10)
    }

    // MARK: columns

    /// Cut to so many columns; characters of the daemon's texts are one column each.
    private func fit(_ text: String, _ width: Int) -> String {
        let text = Terminal.visible(text, lines: false)
        return text.count <= width ? text : String(text.prefix(max(0, width - 1))) + (width > 0 ? style.ellipsis : "")
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}

/// What a terminal can show: colours, and characters beyond ASCII.
struct TerminalStyle: Sendable {
    var hasColour: Bool
    var isUnicode: Bool

    /// From `NO_COLOR`, `TERM` and the locale's variables.
    init(environment: [String: String]) {
        hasColour = (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
        let locale = [environment["LC_ALL"], environment["LC_CTYPE"], environment["LANG"]].compactMap { $0 }.first {
            !$0.isEmpty
        }
        let name = (locale ?? "").lowercased()
        isUnicode = name.contains("utf-8") || name.contains("utf8")
    }

    var ellipsis: String { isUnicode ? "…" : "~" }

    func strong(_ text: String) -> String { coloured(text, "1") }
    func quiet(_ text: String) -> String { coloured(text, "2") }
    func good(_ text: String) -> String { coloured(text, "32") }
    func bad(_ text: String) -> String { coloured(text, "1;31") }

    private func coloured(_ text: String, _ code: String) -> String {
        hasColour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }

    /// A share from 0 to 1.
    func bar(_ share: Double, width: Int) -> String {
        let filled = max(0, min(width, Int((share * Double(width)).rounded())))
        let (full, empty) = isUnicode ? ("█", "░") : ("#", ".")
        return coloured(String(repeating: full, count: filled), "36")
            + quiet(String(repeating: empty, count: width - filled))
    }

    /// The last `width` values, from 0 to the largest.
    func sparkline(_ values: [Double], width: Int) -> String {
        let marks = Array(isUnicode ? "▁▂▃▄▅▆▇█" : "_.-=+*%#")
        let shown = values.suffix(width)
        let most = max(shown.max() ?? 0, 1e-9)
        return String(shown.map { marks[max(0, min(marks.count - 1, Int($0 / most * Double(marks.count - 1) + 0.5)))] })
    }
}
