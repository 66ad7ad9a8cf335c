import Glibc
import LinuxIO
package import Tensors

/// What is asked of a camera; it may give something else.
package struct CameraRequest: Hashable, Sendable {
    package var width = 640
    package var height = 480
    package var framesPerSecond = 30
    /// How long no frame may come before the camera counts as dead.
    package var silenceNs: UInt64 = 2_000_000_000
    /// Buffers in the driver; 4 cover a frame in exposure, one in transfer, and a late reader.
    package var buffers = 4
    package init() {}
}

/// Frames of a V4L2 camera: opens, agrees on a format, streams, and always gives the newest frame. An error ends it: drop it
/// and open another (the daemon decides when). It never logs and never retries by itself.
package final class CameraSource: FrameSource {
    package let identity: String
    package var isLive: Bool { true }
    package private(set) var dropped: UInt64 = 0
    package let interruption: Interruption
    /// What the driver really gives.
    package let stream: StreamFormat
    package let format: PixelFormat
    /// Nil where the driver has a fixed rate and does not say which.
    package let framesPerSecond: Double?

    private let device: any V4L2Device
    private let path: String
    private let request: CameraRequest
    private var count: UInt64 = 0

    /// Sets the camera up and starts it.
    /// - Throws: `unavailable` when it cannot capture or has no usable format; `busy`, `disconnected`, `permission`, `io`.
    package init(
        _ device: any V4L2Device, path: String, request: CameraRequest = CameraRequest(), interruption: Interruption
    ) throws(CaptureError) {
        self.device = device
        self.path = path
        self.request = request
        self.interruption = interruption
        do throws(SystemError) {
            let capability = try device.capability()
            identity = "v4l2:\(path) (\(capability.card))"
            guard capability.canCapture, capability.canStream else {
                throw SystemError(call: "VIDIOC_QUERYCAP", errno: ENOTSUP)
            }
            (format, stream) = try CameraSource.agree(device, request)
            // A fixed rate is no reason to do without the camera.
            framesPerSecond = try? device.setRate(framesPerSecond: request.framesPerSecond)
            let buffers = try device.makeBuffers(request.buffers)
            guard buffers >= 2 else { throw SystemError(call: "VIDIOC_REQBUFS", errno: ENOMEM) }
            for index in 0..<buffers { try device.queue(index) }
            try device.startStreaming()
        } catch {
            throw CameraSource.explain(error, path)
        }
    }

    deinit { try? device.stopStreaming() }

    /// Waits for a frame that came after the last; what else is waiting is older and dropped.
    /// - Throws: `timedOut` after `silenceNs` without a good frame, `disconnected` when it was unplugged, `io` for a
    ///   stream that broke.
    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        let deadline = MonotonicClock.now() &+ request.silenceNs
        do throws(SystemError) {
            while !interruption.isRaised {
                let now = MonotonicClock.now()
                switch try device.wait(interruption, timeoutNs: deadline > now ? deadline - now : 0) {
                case .raised: return false
                case .timedOut: throw SystemError(call: "poll", errno: ETIMEDOUT)
                case .readable:
                    if let newest = try drain() { return try deliver(newest, into: &frame) }
                case .failed:
                    // The next call says what is wrong; if it says nothing, waiting again would spin.
                    if let newest = try drain() { return try deliver(newest, into: &frame) }
                    throw SystemError(call: "poll", errno: EIO)
                }
                // Only bad frames so far: they do not stand for a working camera.
                if MonotonicClock.now() >= deadline { throw SystemError(call: "poll", errno: ETIMEDOUT) }
            }
            return false
        } catch {
            throw CameraSource.explain(error, path)
        }
    }

    /// Takes every ready buffer out and gives all but the newest good one back.
    private func drain() throws(SystemError) -> CameraBuffer? {
        var newest: CameraBuffer?
        while let buffer = try device.dequeue() {
            if buffer.isBad || buffer.bytes == 0 || buffer.bytes < leastBytes {
                dropped += 1
                try device.queue(buffer.index)
                continue
            }
            if let older = newest {
                dropped += 1
                try device.queue(older.index)
            }
            newest = buffer
        }
        return newest
    }

    private func deliver(_ buffer: CameraBuffer, into frame: inout Frame) throws(SystemError) -> Bool {
        device.copy(buffer.index, count: buffer.bytes, into: &frame.bytes)
        try device.queue(buffer.index)
        (frame.format, frame.width, frame.height) = (format, stream.width, stream.height)
        (frame.strideBytes, frame.sequence, frame.name) = (rowBytes, count, nil)
        // A time stamp of the future (a driver with another clock) must not make the age negative.
        let now = MonotonicClock.now()
        frame.capturedNs = min(now, buffer.timestampNs.flatMap { $0 > 0 ? $0 : nil } ?? now)
        count += 1
        return true
    }

    /// Bytes from row to row; some drivers leave it to us.
    private var rowBytes: Int {
        switch format {
        case .mjpeg: 0
        case .yuyv, .uyvy: max(stream.rowBytes, (stream.width + 1) / 2 * 4)
        case .nv12, .i420, .grey: max(stream.rowBytes, stream.width)
        case .rgb24: max(stream.rowBytes, stream.width * 3)
        }
    }

    /// A frame with fewer bytes is cut short. For JPEG: the markers of its start and end.
    private var leastBytes: Int {
        switch format {
        case .mjpeg: 4
        case .yuyv, .uyvy, .rgb24, .grey: rowBytes * (stream.height - 1) + 1
        case .nv12, .i420: rowBytes * stream.height + 1
        }
    }

    /// Best first: a JPEG is the least USB traffic and is decoded at the size we need; YUYV every webcam has.
    static let preference: [PixelFormat] = [.mjpeg, .yuyv, .nv12, .uyvy, .i420, .rgb24, .grey]

    /// Finds a format that both sides know. Drivers answer an unknown wish with any format they like, so what comes back
    /// counts and nothing else.
    private static func agree(
        _ device: any V4L2Device, _ request: CameraRequest
    ) throws(SystemError) -> (PixelFormat, StreamFormat) {
        let offered = try device.formats()
        let native = preference.filter { format in
            offered.contains { !$0.isEmulated && PixelFormat(fourcc: $0.fourcc) == format }
        }
        let emulated: [PixelFormat] = [.rgb24, .i420].filter { format in
            offered.contains { $0.isEmulated && $0.fourcc == format.fourcc }
        }
        for wish in native + emulated {
            // A camera may offer JPEG under either of its two codes.
            let code = offered.first { PixelFormat(fourcc: $0.fourcc) == wish }?.fourcc ?? wish.fourcc
            let wanted = StreamFormat(width: request.width, height: request.height, fourcc: code, rowBytes: 0)
            let given = try device.setFormat(wanted)
            if let format = PixelFormat(fourcc: given.fourcc), (1...16384).contains(given.width),
                (1...16384).contains(given.height), given.rowBytes <= 1 << 18
            {
                return (format, given)
            }
        }
        throw SystemError(call: "VIDIOC_S_FMT", errno: ENOTSUP)
    }

    /// Words for what a camera's user can do about it.
    static func explain(_ error: SystemError, _ path: String) -> CaptureError {
        let source = "v4l2:\(path)"
        switch error.errno {
        case ENODEV, ENXIO:
            return CaptureError(.disconnected, source: source, "the camera was unplugged; plug it in again")
        case ETIMEDOUT:
            return CaptureError(.timedOut, source: source, "the camera sends no frames; check its cable and USB power")
        case EBUSY:
            return CaptureError(.busy, source: source, "another program uses the camera; stop it (fuser -v \(path))")
        case EIO, EPROTO, EPIPE:
            return CaptureError(.io, source: source, "\(error.call): the camera's stream broke (\(error.reason))")
        case ENOTSUP where error.call == "VIDIOC_S_FMT":
            return CaptureError(
                .unavailable, source: source,
                "no usable picture format (wants MJPEG, YUYV, NV12, UYVY, YU12, RGB3 or GREY)")
        case ENOTSUP, ENOTTY:
            return CaptureError(
                .unavailable, source: source, "not a camera that streams; use another node (v4l2:auto finds one)")
        default:
            return CaptureError(error, source: source)
        }
    }
}
