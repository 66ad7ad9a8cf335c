import LinuxIO
package import Tensors

/// All JPEG files below a folder, sorted by path, each once (or for ever).
///
/// A file that cannot be read or is no JPEG comes out as a frame all the same; its decoding fails, and it is counted there.
package final class ImagesSource: FrameSource {
    package let identity: String
    package var isLive: Bool { false }
    package var losses: FrameLosses { FrameLosses() }
    package let interruption: Interruption
    /// Paths, sorted.
    package let paths: [String]
    private let loops: Bool
    private var count: UInt64 = 0
    private var index = 0

    /// - Parameter loops: begin again after the last file.
    /// - Throws: `noInput` for a folder that is missing or without JPEG files, `permission` for one that may not be read.
    package init(folder: String, loops: Bool = false, interruption: Interruption) throws(CaptureError) {
        identity = "images:\(folder)"
        self.loops = loops
        self.interruption = interruption
        do throws(SystemError) { paths = try ImageFolder.jpegFiles(below: folder) } catch {
            throw CaptureError(error, source: identity)
        }
        if paths.isEmpty {
            throw CaptureError(.noInput, source: identity, "no .jpg or .jpeg files in this folder; check the path")
        }
    }

    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        if loops && index == paths.count { index = 0 }
        guard index < paths.count, !interruption.isRaised else { return false }
        let path = paths[index]
        index += 1
        do throws(CaptureError) { try StillImage.read(path, into: &frame) } catch {
            // Empty bytes: the decoder refuses them, as it does any other file that is no JPEG.
            frame.bytes.removeAll(keepingCapacity: true)
            frame.name = path
        }
        frame.sequence = count
        frame.capturedNs = MonotonicClock.now()
        count += 1
        return true
    }
}

/// One picture from a file.
package enum StillImage {
    /// Bytes of the largest file that is read.
    package static let limit = 64 << 20

    /// Reads a JPEG file as it is, without looking into it; "-" is standard input.
    /// - Throws: `noInput`, `permission`, `badData` (too large) or `io`.
    package static func read(_ path: String, into frame: inout Frame) throws(CaptureError) {
        do throws(SystemError) {
            frame.bytes =
                try path == "-" ? SmallFile.bytes(ofStandardInput: limit) : SmallFile.bytes(at: path, limit: limit)
        } catch {
            throw CaptureError(SystemError(call: error.call, errno: error.errno), source: path)
        }
        (frame.format, frame.width, frame.height, frame.strideBytes) = (.mjpeg, 0, 0, 0)
        frame.name = path
    }
}
