import Glibc
import LinuxIO
package import Tensors

/// Frames of a V4L2 camera: opens, agrees on a format, streams, and always gives the newest frame. An error ends it: drop it
/// and open another (the daemon decides when). It never logs and never retries by itself.
package final class CameraSource: FrameSource {
    package let identity: String
    package var isLive: Bool { true }
    package private(set) var losses = FrameLosses()
    package let interruption: Interruption
    /// What the driver really gives.
    package let stream: StreamFormat
    package let format: PixelFormat
    /// Nil where the driver has a fixed rate and does not say which.
    package let framesPerSecond: Double?
    /// Wishes that the camera did not take, for people; the stream runs without them.
    package let notes: [String]

    private let device: any V4L2Device
    private let path: String
    private let request: CameraRequest
    private var count: UInt64 = 0
    private var wantedNs: UInt64 = 0

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
            // A fixed rate is no reason to do without the camera, nor is a control that it lacks.
            framesPerSecond = try? device.setRate(framesPerSecond: request.framesPerSecond)
            notes = CameraSource.set(request.controls, device)
            device.watchFormat()
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
    /// - Throws: `timedOut` after `silenceNs` without a good frame, `disconnected` when it was unplugged, `changed` when
    ///   the picture has another form, `io` for a stream that broke.
    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        let silenceNs = count == 0 ? max(request.silenceNs, request.firstSilenceNs) : request.silenceNs
        let deadline = MonotonicClock.now() &+ silenceNs
        let damagedBefore = losses.damaged
        do throws(SystemError) {
            while !interruption.isRaised {
                let now = MonotonicClock.now()
                switch try device.wait(interruption, timeoutNs: deadline > now ? deadline - now : 0) {
                case .raised: return false
                case .timedOut: throw silence(since: damagedBefore)
                case .event:
                    if try device.formatHasChanged() {
                        throw SystemError(call: "VIDIOC_DQEVENT", errno: CameraSource.changed)
                    }
                case .readable:
                    if let newest = try drain(), try deliver(newest, into: &frame) { return true }
                case .failed:
                    // The next call says what is wrong; if it says nothing, waiting again would spin.
                    if let newest = try drain(), try deliver(newest, into: &frame) { return true }
                    throw SystemError(call: "poll", errno: EIO)
                }
                // Only bad frames so far: they do not stand for a working camera.
                if MonotonicClock.now() >= deadline { throw silence(since: damagedBefore) }
            }
            return false
        } catch {
            throw CameraSource.explain(error, path)
        }
    }

    package func skip(before ns: UInt64) { wantedNs = ns }

    private func silence(since damagedBefore: UInt64) -> SystemError {
        SystemError(call: "poll", errno: losses.damaged > damagedBefore ? CameraSource.corruptOnly : ETIMEDOUT)
    }

    /// Takes every ready buffer out and gives all but the newest good one back.
    private func drain() throws(SystemError) -> CameraBuffer? {
        var newest: CameraBuffer?
        while let buffer = try device.dequeue() {
            if buffer.isBad || buffer.bytes == 0 || buffer.bytes < leastBytes {
                losses.damaged += 1
                try device.queue(buffer.index)
                continue
            }
            if let stamp = buffer.timestampNs, stamp < wantedNs, MonotonicClock.now() &- stamp < CameraSource.oldestNs {
                // Not even copied.
                try device.queue(buffer.index)
                continue
            }
            if let older = newest {
                losses.superseded += 1
                try device.queue(older.index)
            }
            newest = buffer
        }
        return newest
    }

    /// False for a frame that is none, which is counted as damaged.
    private func deliver(_ buffer: CameraBuffer, into frame: inout Frame) throws(SystemError) -> Bool {
        device.copy(buffer.index, count: buffer.bytes, into: &frame.bytes)
        try device.queue(buffer.index)
        guard format != .mjpeg || (frame.bytes.count >= 2 && frame.bytes[0] == 0xFF && frame.bytes[1] == 0xD8) else {
            losses.damaged += 1
            return false
        }
        (frame.format, frame.width, frame.height) = (format, stream.width, stream.height)
        (frame.strideBytes, frame.sequence, frame.name) = (rowBytes, count, nil)
        // A time stamp of the future or the far past (a driver with another clock, or one that wraps) tells nothing.
        let now = MonotonicClock.now()
        let stamp = buffer.timestampNs.flatMap { $0 <= now && now - $0 < CameraSource.oldestNs ? $0 : nil }
        frame.capturedNs = stamp ?? now
        count += 1
        return true
    }

    /// No frame waits so long in a driver.
    private static let oldestNs: UInt64 = 10_000_000_000

    /// Sets what can be set. Returns what could not.
    private static func set(_ controls: CameraControls, _ device: any V4L2Device) -> [String] {
        var notes: [String] = []
        for control in controls.all {
            do throws(SystemError) { try device.set(control) } catch {
                let reason = error.errno == EINVAL ? "the camera has no such control" : error.reason
                let note = "\(control.name) cannot be set: \(reason)"
                if !notes.contains(note) { notes.append(note) }
            }
        }
        return notes
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
}
