import Glibc
import LinuxIO

/// What the source string does not say.
package struct SourceOptions: Hashable, Sendable {
    /// `images:` begins again after the last file.
    package var loops = false
    /// `scene:` runs at 10 frames a second; else as fast as it is asked.
    package var isPaced = true
    package var camera = CameraRequest()
    package init() {}
}

extension SourceSpecification {
    /// Opens the source; call this on the capture thread, which then owns it.
    package func open(
        _ options: SourceOptions = SourceOptions(), interruption: Interruption
    ) throws(CaptureError) -> any FrameSource {
        switch self {
        case .images(let folder):
            return try ImagesSource(folder: folder, loops: options.loops, interruption: interruption)
        case .mjpeg(let file): return try MJPEGSource(path: file, interruption: interruption)
        case .y4m(let file): return try Y4MSource(path: file, interruption: interruption)
        case .scene(let file):
            return SceneSource(realtime: options.isPaced, unpluggedBy: file, interruption: interruption)
        case .v4l2(let selector):
            return try CameraOpener.open(selector, options.camera, interruption: interruption) {
                (path) throws(SystemError) in try LibV4L2Device(path: path)
            }
        }
    }
}
