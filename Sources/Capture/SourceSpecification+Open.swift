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
        case .scene: return SceneSource(realtime: options.isPaced, interruption: interruption)
        case .v4l2(let selector):
            return try CameraOpener.open(selector, options.camera, interruption: interruption) {
                (path) throws(SystemError) in try LibV4L2Device(path: path)
            }
        }
    }
}

/// Tries the nodes that a selector may mean.
enum CameraOpener {
    /// A USB camera has several nodes, some of which only give metadata: those are passed over, unless one node was named.
    static func open(
        _ selector: SourceSpecification.CameraSelector, _ request: CameraRequest, finder: CameraFinder = CameraFinder(),
        interruption: Interruption, _ device: (String) throws(SystemError) -> any V4L2Device
    ) throws(CaptureError) -> CameraSource {
        var first: CaptureError?
        for path in try finder.candidates(selector) {
            do throws(CaptureError) {
                let node: any V4L2Device
                do throws(SystemError) { node = try device(path) } catch {
                    throw CameraSource.explain(SystemError(call: error.call, errno: error.errno), path)
                }
                return try CameraSource(node, path: path, request: request, interruption: interruption)
            } catch {
                // A camera that is there but busy says more than a node that is none.
                if first == nil || first?.code == .unavailable { first = error }
            }
        }
        throw first ?? CaptureError(.noInput, source: SourceSpecification.v4l2(selector).description, "no camera here")
    }
}
