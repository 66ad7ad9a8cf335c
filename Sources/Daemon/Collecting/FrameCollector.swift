internal import Engine
internal import Graphs
internal import Imaging
internal import LinuxIO
internal import Planning
package import Tensors

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Looks at frames and keeps the informative ones in a folder, with a line about each in `collected.ndjson`. One thread.
package final class FrameCollector {
    /// Folder of frames that the model is not sure of.
    package static let unsorted = "unsorted"

    package struct Kept: Hashable, Sendable, Encodable {
        package let file: String
        package let label: String
        package let score: Double
        package let margin: Double
        package let reason: String
        package let source: String
        package let model: String
        package let unixMs: Int64
    }

    private let classifier: Classifier
    private let model: LoadedModel
    private let extent: Shape
    private let folder: String
    private let limitBytes: Int
    private var rule = CollectionRule()
    package private(set) var looked = 0
    package private(set) var bytes = 0
    package private(set) var isFull = false

    /// - Parameters:
    ///   - folder: made if it is not there, for its owner alone.
    ///   - limitBytes: of JPEG, beyond which nothing is kept.
    package init(_ model: LoadedModel, folder: String, limitBytes: Int) throws(Failure) {
        classifier = try Classifier(model.model)
        (self.model, extent) = (model, model.model.graph.input)
        (self.folder, self.limitBytes) = (folder, limitBytes)
        do throws(SystemError) { try PrivateFolder.make(folder) } catch {
            throw Failure(.io, "\(folder): cannot be made; choose another --output")
        }
    }

    package var kept: Int { rule.count }

    /// Looks at one frame.
    /// - Returns: what was kept; nil when it was not worth it, cannot be decoded, or there is no room for it.
    package func look(_ frame: borrowing Frame, source: String) throws(Failure) -> Kept? {
        looked += 1
        do throws(ImagingError) { _ = try classifier.classify(frame) } catch { return nil }
        let top = classifier.top(2)
        guard let best = top.first else { return nil }
        let margin = Double(best.score) - Double(top.count > 1 ? top[1].score : 0)
        let label = classifier.label(of: best)
        let scene = SceneThumbnail(classifier.session.picture, extent: extent)
        let jpeg = try FrameFile.jpeg(frame)
        guard bytes + jpeg.count <= limitBytes else {
            isFull = true
            return nil
        }
        guard let reason = rule.keep(scene, label: label, margin: margin) else { return nil }
        let isSure = label != Classifier.unknown && margin >= CollectionRule.lowMargin
        let path = try FrameFile.write(jpeg, into: folder, label: isSure ? label : FrameCollector.unsorted)
        bytes += jpeg.count
        let kept = Kept(
            file: path, label: label, score: Double(best.score), margin: margin, reason: reason.rawValue,
            source: source,
            model: model.sha256, unixMs: WallClock.unixMilliseconds())
        try note(kept)
        return kept
    }

    /// Like the picture itself, on the disk when this returns.
    private func note(_ kept: Kept) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        guard let data = try? encoder.encode(kept) else { return }
        let file = try LineFile(path: folder + "/collected.ndjson", mode: 0o600)
        try file.append(Array(data) + [0x0A])
        try file.sync()
    }
}
