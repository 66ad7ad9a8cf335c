import Tensors

/// A self-contained page: bars, tables and numbers in the style of all reports.
package protocol PageDrawing {}

extension PageDrawing {
    package static var style: String {
        """
        :root{--ink:#1c1b19;--quiet:#6b6862;--page:#fbfaf7;--card:#fff;--line:#e4e1da;--own:#c2571a;--all:#2f6f8f}
        @media(prefers-color-scheme:dark){:root{--ink:#eceae5;--quiet:#a29e96;--page:#191816;--card:#23211f;--line:#3a3733;
        --own:#e8874c;--all:#6fb3d3}}
        body{margin:2rem auto;max-width:66rem;padding:0 1rem;background:var(--page);color:var(--ink);
        font:15px/1.45 system-ui,sans-serif}h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}
        .quiet{color:var(--quiet);margin:.2rem 0 .6rem;font-size:.9em}code{font-size:.85em;word-break:break-all}
        .cards{display:flex;flex-wrap:wrap;gap:.7rem;margin-top:1rem}.card{background:var(--card);
        border:1px solid var(--line);border-radius:8px;padding:.6rem .9rem}.card b{display:block;font-size:1.1rem}
        .card span{color:var(--quiet);font-size:.85em}table{border-collapse:collapse;width:100%}
        th{text-align:left;font-weight:600;color:var(--quiet);font-size:.85em}td,th{padding:.12rem .5rem .12rem 0;
        border-bottom:1px solid var(--line);white-space:nowrap}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        td.next,th.next{padding-left:1rem}td.wide{width:24%}svg{display:block}.own{fill:var(--own)}.all{fill:var(--all)}.shade{fill:var(--quiet);opacity:.25}
        .photos{display:flex;flex-wrap:wrap;gap:.8rem}figure{margin:0;width:9.5rem;font-size:.82em}
        figure img{width:100%;border-radius:6px;border:2px solid transparent}.differs img{border-color:var(--own)}
        figcaption span{word-break:break-all}
        """
    }

    package func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// Fixed-point text with so many decimals.
    package func fixed(_ number: Double, _ decimals: Int) -> String {
        number.fixed(decimals) ?? (number > 0 ? "&infin;" : "-")
    }

    package func percent(_ share: Double, _ decimals: Int) -> String { fixed(share * 100, decimals) + " %" }

    /// A bar of a share of the column.
    package func bar(_ share: Double, _ kind: String) -> String {
        let width = fixed(min(max(share.isFinite ? share : 1, 0), 1) * 100, 1)
        return
            "<svg width=\"100%\" height=\"10\"><rect class=\(kind) width=\"\(width)%\" height=\"10\" rx=\"2\"/></svg>"
    }

    /// A table with its first row as head; nothing without rows.
    package func table(_ title: String, _ rows: [[String]], isEscaped: Bool = false) -> String {
        guard let first = rows.first else { return "" }
        func cells(_ row: [String], _ tag: String) -> String {
            row.enumerated().map { index, cell in
                "<\(tag)\(index > 0 ? " class=n" : "")>\(isEscaped ? cell : escape(cell))</\(tag)>"
            }.joined()
        }
        let body = rows.dropFirst().map { "<tr>\(cells($0, "td"))</tr>" }.joined()
        return "<h2>\(escape(title))</h2><table><tr>\(cells(first, "th"))</tr>\(body)</table>"
    }
}

// What only this page shows.
extension ReportPage: PageDrawing {
    func range(_ range: ClosedRange<Float>) -> String {
        "\(fixed(Double(range.lowerBound), 2)) &hellip; \(fixed(Double(range.upperBound), 2))"
    }

    /// The values of a tensor; what the bytes cut off is shaded.
    func histogram(_ layer: QuantizationReport.Layer) -> String {
        let (width, height) = (240.0, 26.0)
        let step = width / Double(layer.histogram.count)
        let most = layer.histogram.reduce(1e-12, max).squareRoot()
        var shapes = ""
        for (i, share) in layer.histogram.enumerated() where share > 0 {
            let tall = max(0.7, share.squareRoot() / most * height)
            shapes +=
                "<rect class=all x=\"\(fixed(Double(i) * step, 1))\" y=\"\(fixed(height - tall, 1))\" "
                + "width=\"\(fixed(step * 0.85, 1))\" height=\"\(fixed(tall, 1))\"/>"
        }
        let (low, high) = (Double(layer.observedRange.lowerBound), Double(layer.observedRange.upperBound))
        if high > low {
            let first = (Double(layer.quantizedRange.lowerBound) - low) / (high - low) * width
            let last = (Double(layer.quantizedRange.upperBound) - low) / (high - low) * width
            for (from, to) in [(0, min(first, width)), (max(0, last), width)] where to > from {
                shapes +=
                    "<rect class=shade x=\"\(fixed(from, 1))\" y=\"0\" width=\"\(fixed(to - from, 1))\" "
                    + "height=\"\(fixed(height, 0))\"/>"
            }
        }
        return "<svg width=\"\(fixed(width, 0))\" height=\"\(fixed(height, 0))\">\(shapes)</svg>"
    }
}
