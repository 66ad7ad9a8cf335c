/// What the report page shows beside the report itself.
package struct ReportPage: Sendable {
    /// A photo on which int8 and float differ most.
    package struct Photo: Sendable {
        package var path: String
        /// A small JPEG, base64.
        package var thumbnail: String
        package var floatAnswer: String
        package var answer: String
        package var isSame: Bool

        package init(path: String, thumbnail: String, floatAnswer: String, answer: String, isSame: Bool) {
            (self.path, self.thumbnail) = (path, thumbnail)
            (self.floatAnswer, self.answer, self.isSame) = (floatAnswer, answer, isSame)
        }
    }

    package var network: String
    package var output: String
    package var sha256: String
    package var bytes: Int
    package var floatBytes: Int
    package var seconds: Double
    /// Share of all photos on which the engine and the float network say the same, in [0, 1].
    package var agreement: Double
    /// Rows of a table of accuracies: name, float, int8; empty without labels.
    package var accuracies: [(name: String, float: String, int8: String)]
    package var findings: [String]
    package var worst: [Photo]
    package var report: QuantizationReport

    package init(
        network: String, output: String, sha256: String, bytes: Int, floatBytes: Int, seconds: Double,
        agreement: Double, accuracies: [(name: String, float: String, int8: String)], findings: [String],
        worst: [Photo], report: QuantizationReport
    ) {
        (self.network, self.output, self.sha256) = (network, output, sha256)
        (self.bytes, self.floatBytes, self.seconds) = (bytes, floatBytes, seconds)
        (self.agreement, self.accuracies, self.findings) = (agreement, accuracies, findings)
        (self.worst, self.report) = (worst, report)
    }

    /// One self-contained page: no script, nothing loaded from anywhere.
    package func html() -> String {
        let sections = [
            head, cards, table("Accuracy on the labelled photos", accuracyRows), stepsSection, layersSection,
            splitSection, tensorsSection, findingsSection, worstSection, foot,
        ]
        return sections.joined(separator: "\n")
    }
}

// Parts of the page.
extension ReportPage {
    private var head: String {
        """
        <!doctype html><html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Quantization of \(escape(network))</title><style>\(ReportPage.style)</style></head><body>
        <h1>Quantization of \(escape(network))</h1>
        <p class="quiet">\(escape(output)) &middot; <code>\(escape(sha256))</code></p>
        """
    }

    private var cards: String {
        let facts: [(String, String)] = [
            ("same answer as float", percent(agreement, 2)),
            ("logits, signal to noise", "\(fixed(report.outputDecibels, 1)) dB"),
            ("size", "\(fixed(Double(bytes) / 1048576, 2)) MiB, float \(fixed(Double(floatBytes) / 1048576, 2)) MiB"),
            ("photos", "\(report.calibrationImages)"), ("time", "\(fixed(seconds, 1)) s"), ("method", report.method),
        ]
        let cards = facts.map { "<div class=card><b>\(escape($0.1))</b><span>\(escape($0.0))</span></div>" }
        return "<div class=cards>\(cards.joined())</div>"
    }

    private var accuracyRows: [[String]] {
        accuracies.isEmpty
            ? [] : [["", "float", "int8"]] + accuracies.map { [$0.name, $0.float, $0.int8] }
    }

    private var stepsSection: String {
        let rows = report.steps.map { step in
            [
                (step.isChosen ? "&#10003; " : "") + escape(step.name), "\(fixed(step.decibels, 1)) dB",
                "\(fixed(step.centredDecibels, 1)) dB", percent(step.agreement, 1),
            ]
        }
        return table(
            "What each method gives, on photos held back",
            [["method", "logits", "logits less their mean", "same answer"]] + rows, isEscaped: true)
    }

    private var layersSection: String {
        let sorted = report.layers.sorted { $0.ownNoise > $1.ownNoise }
        let most = sorted.reduce(1e-9) { max($0, $1.ownNoise) }
        let mostGathered = sorted.reduce(1e-9) { max($0, $1.cumulativeNoise) }
        let rows = sorted.map { layer in
            "<tr><td>\(escape(layer.name))</td><td class=wide>\(bar(layer.ownNoise / most, "own"))</td>"
                + "<td class=n>\(percent(layer.ownNoise, 3))</td>"
                + "<td class=wide>\(bar(layer.cumulativeNoise / mostGathered, "all"))</td>"
                + "<td class=n>\(percent(layer.cumulativeNoise, 3))</td></tr>"
        }
        return """
            <h2>Noise over signal, layer by layer</h2>
            <p class="quiet">Own: this layer alone with exact inputs, worst first. Gathered: at this layer's output in the
            whole int8 network. Each column has its own scale.</p>
            <table><tr><th>layer</th><th>own</th><th></th><th>gathered</th><th></th></tr>\(rows.joined())</table>
            <p>Why the worst add noise:</p><ul>\(blamed.joined())</ul>
            """
    }

    private var blamed: [String] {
        report.layersToBlame(3).filter { $0.ownNoise > 0 }.map { layer in
            "<li><b>\(escape(layer.name))</b>, \(percent(layer.ownNoise, 3)): \(escape(layer.why))</li>"
        }
    }

    private var splitSection: String {
        let most = report.layers.reduce(1e-9) { max($0, $1.weightNoise, $1.activationNoise) }
        let rows = report.layers.map { layer in
            "<tr><td>\(escape(layer.name))</td><td class=wide>\(bar(layer.weightNoise / most, "own"))</td>"
                + "<td class=n>\(percent(layer.weightNoise, 3))</td>"
                + "<td class=wide>\(bar(layer.activationNoise / most, "all"))</td>"
                + "<td class=n>\(percent(layer.activationNoise, 3))</td></tr>"
        }
        return """
            <h2>Weights alone against activations alone</h2>
            <table><tr><th>layer</th><th>int8 weights only</th><th></th><th>int8 inputs only</th><th></th></tr>
            \(rows.joined())</table>
            """
    }

    private var tensorsSection: String {
        let rows = report.layers.filter { !$0.histogram.isEmpty }.map { layer in
            "<tr><td>\(escape(layer.name))</td><td>\(histogram(layer))</td><td class=n>\(range(layer.observedRange))"
                + "</td><td class=n>\(range(layer.quantizedRange))</td><td class=next>\(escape(layer.method))</td>"
                + "<td class=n>\(range(layer.weightRange))</td></tr>"
        }
        return """
            <h2>Ranges</h2>
            <p class="quiet">Values of each tensor (zeros left out, square root of counts); the bytes span what is not
            shaded.</p><table><tr><th>tensor</th><th>values</th><th class=n>seen</th><th class=n>in bytes</th>
            <th class=next>chosen by</th><th class=n>weights</th></tr>\(rows.joined())</table>
            """
    }

    private var findingsSection: String {
        let items = (findings + report.warnings).map { "<li>\(escape($0))</li>" }
        return "<h2>The calibration photos</h2>"
            + (items.isEmpty ? "<p>Nothing to complain about.</p>" : "<ul>\(items.joined())</ul>")
    }

    private var worstSection: String {
        guard !worst.isEmpty else { return "" }
        let figures = worst.map { photo in
            "<figure\(photo.isSame ? "" : " class=differs")><img alt=\"\" src=\"data:image/jpeg;base64,\(photo.thumbnail)\">"
                + "<figcaption>float: \(escape(photo.floatAnswer))<br>int8: \(escape(photo.answer))"
                + "<br><span class=quiet>\(escape(photo.path))</span></figcaption></figure>"
        }
        let changed = worst.count { !$0.isSame }
        let note =
            changed == 0
            ? "Every photo keeps its answer; the logits of these moved most."
            : "Framed: the answer changed."
        return "<h2>Photos on which int8 and float differ most</h2><p class=quiet>\(note)</p>"
            + "<div class=photos>\(figures.joined())</div>"
    }

    private var foot: String { "</body></html>\n" }
}
