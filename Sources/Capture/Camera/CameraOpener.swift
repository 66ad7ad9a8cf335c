import LinuxIO

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
