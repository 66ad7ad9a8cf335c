import Daemon
import Graphs
import Imaging
import LinuxIO
import Quantization
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
                path: photos.facts[photo.index].path, thumbnail: try thumbnail(photos.pixels(photo.index)),
                floatAnswer: float.labels[photo.floatBest], answer: float.labels[photo.best],
                isSame: photo.floatBest == photo.best)
        }
    }

    /// Half size, as a JPEG in base64.
    private func thumbnail(_ pixels: [UInt8]) throws -> String {
        let (width, height) = (float.preprocessing.width / 2, float.preprocessing.height / 2)
        let row = float.preprocessing.width * 3
        var small: [UInt8] = []
        small.reserveCapacity(width * height * 3)
        for y in 0..<height {
            for x in 0..<width {
                for c in 0..<3 {
                    let place = 2 * y * row + 6 * x + c
                    let sum = Int(pixels[place]) + Int(pixels[place + 3]) + Int(pixels[place + row])
                    small.append(UInt8((sum + Int(pixels[place + row + 3]) + 2) / 4))
                }
            }
        }
        var options = JPEGEncoder.Options()
        options.quality = 80
        do throws(ImagingError) {
            return Data(try JPEGEncoder.encode(small, width: width, height: height, options)).base64EncodedString()
        } catch {
            throw Failure(.internal, "\(error)")
        }
    }
}
