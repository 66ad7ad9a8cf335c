import Daemon
import Graphs
import LinuxIO
import Quantization
import Tensors

/// Puts the report page together and writes it.
struct ReportPageWriter {
    let summary: QuantizeSummary
    let report: QuantizationReport
    let verdict: Verdict
    let photos: CalibrationPhotos
    let float: FloatModel

    func write(to path: String) throws {
        let page = ReportPage(
            network: float.graph.network, output: summary.output, sha256: summary.sha256, bytes: summary.bytes,
            floatBytes: try float.graph.parameterCount() * 4, seconds: summary.seconds,
            agreement: verdict.agreement, accuracies: accuracies,
            findings: photos.complaints + summary.findings.map(\.text), worst: try worst(), report: report)
        let text = Array(page.html().utf8)
        do throws(SystemError) { try unsafe AtomicFile.write(text.span.bytes, to: path) } catch { throw Failure(error) }
    }

    private var accuracies: [(name: String, float: String, int8: String)] {
        guard let accuracy = summary.accuracy else { return [] }
        func percent(_ share: Double) -> String { (share * 100).text(2) + " %" }
        return [
            ("top-1, \(accuracy.images) photos", percent(accuracy.floatTop1), percent(accuracy.top1)),
            ("top-5", percent(accuracy.floatTop5), percent(accuracy.top5)),
        ]
    }

    private func worst() throws -> [ReportPage.Photo] {
        try verdict.worst(12).map { photo in
            ReportPage.Photo(
                path: photos.facts[photo.index].path,
                thumbnail: try Thumbnail.base64(
                    photos.pixels(photo.index), width: float.preprocessing.width, height: float.preprocessing.height),
                floatAnswer: float.labels[photo.floatBest], answer: float.labels[photo.best],
                isSame: photo.floatBest == photo.best)
        }
    }
}
