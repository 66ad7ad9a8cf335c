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

    @Test("A plain logarithm is that of the C library to the last digits")
    func logarithm() {
        for x in [1e-12, 0.3, 0.999, 1, 1.5, 7, 1e9] {
            #expect(abs(x.plainLogarithm - x.logarithm10 * 2.302585092994046) <= 1e-14 * max(1, abs(x.plainLogarithm)))
        }
    }
}
