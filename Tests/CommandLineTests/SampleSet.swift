import Capture
import Foundation
import Imaging
import Tensors

/// The rendered calibration set: seven views drawn by `scene:`, a few moments of each, in folders named after what they
/// show. The same pictures on every machine, under no terms but our own.
enum SampleSet {
    /// - Parameters:
    ///   - perView: photos of each view, at most 20.
    ///   - folder: where the views' folders are made.
    /// - Returns: how many photos there are.
    static func render(_ perView: Int, into folder: String) throws -> Int {
        let source = try SceneSource(realtime: false, interruption: Interruption())
        var frame = Frame()
        for (index, name) in source.viewNames.enumerated() {
            let own = "\(folder)/\(name)"
            try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
            for moment in 0..<perView {
                // A view lasts 30 frames; its last five fade into the next.
                source.draw(UInt64(index * 30 + moment * 25 / perView), into: &frame)
                let bytes = try JPEGEncoder.encode(frame.bytes, width: frame.width, height: frame.height)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(own)/\(name)\(moment).jpg"))
            }
        }
        return source.viewNames.count * perView
    }
}
