internal import Kernels
internal import Tensors

// The plan as one picture: a row a step, from top to bottom, and beside the rows the arena, from left to right.

extension PlanDrawing {
    private enum Layout {
        static let row = 17
        static let top = 96
        static let mapLeft = 800
        static let mapWidth = 560
        static let width = mapLeft + mapWidth + 24
        static let costLeft = 640
        static let costWidth = 136
    }

    /// A self-contained SVG document.
    package func svg() -> String {
        let height = Layout.top + plan.steps.count * Layout.row + 40
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Layout.width)" height="\(height)" \
            viewBox="0 0 \(Layout.width) \(height)" role="img" aria-label="Plan of \(PlanDrawing.escape(plan.network))">
            <style>\(PlanDrawing.style)</style>
            <rect class="page" width="\(Layout.width)" height="\(height)"/>
            <text class="title" x="16" y="30">\(PlanDrawing.escape(plan.network))</text>
            <text class="quiet" x="16" y="50">\(facts)</text>

            """
        out += legend() + head() + steps() + arena() + "</svg>\n"
        return out
    }

    private var facts: String {
        let features = plan.features.description
        return "\(plan.input) to \(plan.outputs) logits, \(PlanDrawing.millions(plan.macs)) M MACs, "
            + "\(plan.steps.count) steps; arena \(PlanDrawing.kibibytes(plan.activationBytes)), weights "
            + "\(PlanDrawing.kibibytes(plan.weightBytes)), scratch \(PlanDrawing.kibibytes(plan.scratchBytes)) a worker; "
            + features
    }

    private func legend() -> String {
        var (x, out) = (16, "")
        for kind in Step.Kind.allCases where plan.steps.contains(where: { $0.kind == kind }) {
            out += "<rect class=\"\(kind.rawValue)\" x=\"\(x)\" y=\"60\" width=\"11\" height=\"11\" rx=\"2\"/>"
            out += "<text x=\"\(x + 16)\" y=\"70\">\(kind.rawValue)</text>\n"
            x += 28 + 7 * kind.rawValue.count
        }
        return out
    }

    private func head() -> String {
        let y = Layout.top - 8
        return """
            <text class="head" x="16" y="\(y)">step</text><text class="head" x="52" y="\(y)">nodes</text>
            <text class="head" x="300" y="\(y)">output</text><text class="head" x="384" y="\(y)">kernels</text>
            <text class="head" x="\(Layout.costLeft)" y="\(y)">K MACs</text>
            <text class="head" x="\(Layout.mapLeft)" y="\(y)">arena: 0</text>
            <text class="head end" x="\(Layout.mapLeft + Layout.mapWidth)" y="\(y)">\
            \(PlanDrawing.kibibytes(plan.activationBytes))</text>

            """
    }

    private func steps() -> String {
        let most = max(1, plan.steps.map(\.macs).max() ?? 1)
        var out = ""
        for (index, step) in plan.steps.enumerated() {
            let y = Layout.top + index * Layout.row
            let base = y + 12
            if index % 2 == 1 {
                out += "<rect class=\"stripe\" x=\"0\" y=\"\(y)\" width=\"\(Layout.width)\" height=\"\(Layout.row)\"/>"
            }
            out += "<rect class=\"\(step.kind.rawValue)\" x=\"6\" y=\"\(y + 3)\" width=\"4\" height=\"11\"/>"
            out += "<g><title>\(PlanDrawing.escape(describe(index)))</title>"
            out += "<text class=\"end quiet\" x=\"42\" y=\"\(base)\">\(index)</text>"
            out += "<text x=\"52\" y=\"\(base)\">\(PlanDrawing.escape(PlanDrawing.shortened(step.name, to: 36)))</text>"
            let shape = step.destination.map {
                "\($0.shape.height)x\($0.shape.width)x\(step.channels.destination.count)"
            }
            out += "<text class=\"quiet\" x=\"300\" y=\"\(base)\">\(shape ?? "\(plan.outputs) logits")</text>"
            out +=
                "<text x=\"384\" y=\"\(base)\">\(PlanDrawing.escape(PlanDrawing.shortened(step.method, to: 37)))</text></g>"
            if step.macs > 0 {
                let width = max(1, step.macs * Layout.costWidth / most)
                out += "<rect class=\"\(step.kind.rawValue) faint\" x=\"\(Layout.costLeft)\" y=\"\(y + 3)\" "
                out += "width=\"\(width)\" height=\"11\" rx=\"1\"/>"
                out += "<text class=\"small\" x=\"\(Layout.costLeft + 3)\" y=\"\(base)\">\(step.macs / 1000)</text>"
            }
            out += "\n"
        }
        return out
    }

    /// Every tensor as a rectangle: across, its bytes; down, the steps during which it is alive.
    private func arena() -> String {
        let scale = Double(Layout.mapWidth) / Double(max(1, plan.activationBytes))
        var out = ""
        for tensor in tensors {
            let place = tensor.place
            let x = Layout.mapLeft + Int(Double(place.offset) * scale)
            let width = max(2, Int(Double(place.byteCount) * scale) - 1)
            let y = Layout.top + place.lifetime.lowerBound * Layout.row + 1
            let height = place.lifetime.count * Layout.row - 2
            let step = plan.steps[tensor.writer]
            let style = tensor.isPanel ? "panel" : step.kind.rawValue
            out += "<g><title>\(PlanDrawing.escape(describe(tensor)))</title>"
            out +=
                "<rect class=\"\(style) tensor\" x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(height)\" rx=\"2\"/>"
            let label = "\(place.shape)"
            if !tensor.isPanel && width > 7 * label.count {
                out += "<text class=\"small\" x=\"\(x + 4)\" y=\"\(y + 11)\">\(label)</text>"
            }
            out += "</g>\n"
        }
        return out
    }

    private func describe(_ index: Int) -> String {
        let step = plan.steps[index]
        let kernels = step.kernels.isEmpty ? step.method : step.kernels.map(\.name).joined(separator: ", ")
        return "step \(index): \(step.name); \(kernels); \(step.macs) MACs, \(step.weightBytes) bytes of weights"
    }

    private func describe(_ tensor: Tensor) -> String {
        let place = tensor.place
        let life = "steps \(place.lifetime.lowerBound) to \(place.lifetime.upperBound)"
        return (tensor.isPanel ? "panel" : "\(place.shape)")
            + " of \(plan.steps[tensor.writer].name): bytes \(place.offset) "
            + "to \(place.offset + place.byteCount), \(life)"
    }

    private static func shortened(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(count - 1) + "\u{2026}"
    }

    private static func kibibytes(_ bytes: Int) -> String { "\((bytes + 1023) / 1024) KiB" }

    private static func millions(_ count: Int) -> String {
        let tenths = (count + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func escape(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
    }

    /// Colours are told apart also by those who see fewer (after Okabe and Ito).
    private static let style = """
        text{font:11px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#1c1b19}
        .page{fill:#fff}.stripe{fill:#f4f2ee}.title{font:600 20px system-ui,sans-serif}
        .quiet,.head{fill:#6b6862}.head{font-weight:600}.small{font-size:9.5px}.end{text-anchor:end}
        .tensor{fill-opacity:.45;stroke:#1c1b19;stroke-opacity:.35;stroke-width:.6}.faint{fill-opacity:.4}
        .block{fill:#0072b2}.pointwise{fill:#56b4e9}.convolution{fill:#009e73}.depthwise{fill:#cc79a7}.pool{fill:#f0e442}
        .elements{fill:#e69f00}.move{fill:#a29e96}.dense{fill:#d55e00}.panel{fill:none;stroke-dasharray:3 2}
        """
}
