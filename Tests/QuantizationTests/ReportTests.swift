import Testing

@testable import Graphs
@testable import Quantization

struct ReportTests {
    @Test("The page is one file, escapes what it shows, and draws every layer")
    func page() throws {
        let (model, report) = try Quantizer().quantize(try smallModel(), pictures: smallPictures(8))
        let photo = ReportPage.Photo(
            path: "<b>&\".jpg", thumbnail: "AAAA", floatAnswer: "cat", answer: "dog", isSame: false)
        let page = ReportPage(
            network: model.graph.network, output: "o", sha256: "s", bytes: 1 << 20, floatBytes: 4 << 20, seconds: 1.25,
            agreement: 0.995, accuracies: [("top-1", "90.00 %", "89.95 %")], findings: ["a < b"], worst: [photo],
            report: report)
        let html = page.html()
        #expect(html.hasPrefix("<!doctype html>") && html.hasSuffix("</html>\n"))
        for name in report.layers.map(\.name) { #expect(html.contains("<td>\(name)</td>"), "\(name)") }
        #expect(html.contains("&lt;b&gt;&amp;&quot;.jpg") && !html.contains("<b>&\".jpg"))
        #expect(html.contains("99.50 %") && html.contains("a &lt; b") && html.contains("1.00 MiB, float 4.00 MiB"))
        for outside in ["http:", "https:", "<script", "url("] { #expect(!html.contains(outside), "\(outside)") }
    }

    @Test("The layers to blame are those with most noise of their own, and the chosen method is marked once")
    func blame() throws {
        let report = try Quantizer().quantize(try smallModel(), pictures: smallPictures(8)).report
        let worst = report.layersToBlame(3)
        #expect(worst.count == 3)
        for layer in report.layers where !worst.contains(layer) { #expect(layer.ownNoise <= worst[2].ownNoise) }
        #expect(report.steps.filter(\.isChosen).map(\.name) == [report.method])
        #expect(report.steps.count > 7)
    }

    @Test("A layer's noise is laid at the door of its weights, its inputs or its output")
    func diagnosis() {
        func layer(_ name: String, own: Double, weights: Double, inputs: Double) -> QuantizationReport.Layer {
            QuantizationReport.Layer(
                name: name, sqnrDecibels: 30, cumulativeNoise: own, ownNoise: own, weightNoise: weights,
                activationNoise: inputs, weightRange: -1...1, observedRange: -6.25...6, quantizedRange: -4.5...4,
                method: "min-max", deadChannels: 0, histogram: [])
        }
        func text(_ own: Double, _ weights: Double, _ inputs: Double) -> String {
            LayerDiagnosis(
                layer: layer("b", own: own, weights: weights, inputs: inputs),
                sources: [layer("a", own: 0, weights: 0, inputs: 0)], crest: 7.04
            ).text
        }
        #expect(
            text(1, 0.6, 0.3)
                == "60 % of it is that of its int8 weights; in one filter the largest weight is 7.0 times the typical one"
        )
        #expect(
            text(1, 0.2, 0.7)
                == "70 % of it comes in with the bytes of a (seen -6.25 to 6.00, the bytes span -4.50 to 4.00)")
        #expect(
            text(1, 0.1, 0.1)
                == "80 % of it is the rounding of its own output to bytes (seen -6.25 to 6.00, the bytes span -4.50 to 4.00)"
        )
        #expect(text(0, 0, 0) == "it adds none")
        #expect(LayerDiagnosis.crest([1, 1, 1, 1, 0, 0, 0, 4], rows: 2) == 2)
        #expect(LayerDiagnosis.crest([], rows: 3) == 1)
    }

    @Test("A plain logarithm is that of the C library to the last digits")
    func logarithm() {
        for x in [1e-12, 0.3, 0.999, 1, 1.5, 7, 1e9] {
            #expect(abs(x.plainLogarithm - x.logarithm10 * 2.302585092994046) <= 1e-14 * max(1, abs(x.plainLogarithm)))
        }
    }
}
