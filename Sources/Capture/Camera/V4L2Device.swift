package import LinuxIO
package import Tensors

/// The kernel's side of a camera, one call a method: the seam at which tests put a camera that fails as they like.
/// Each call throws what the system reports, EINTR retried; no policy here. Capture thread only.
package protocol V4L2Device: AnyObject {
    func capability() throws(SystemError) -> CameraCapability
    /// Formats on offer, the driver's own first.
    func formats() throws(SystemError) -> [CameraFormat]
    /// Returns what the driver really chose.
    func setFormat(_ wanted: StreamFormat) throws(SystemError) -> StreamFormat
    /// Returns the frame rate that was chosen; throws where rates are fixed.
    func setRate(framesPerSecond: Int) throws(SystemError) -> Double
    /// EINVAL where the camera has no such control.
    func set(_ control: CameraControl) throws(SystemError)
    /// Asks for `wait` to end with `event` when the picture changes its form; drivers may not know such events.
    func watchFormat()
    /// Takes the waiting events; true when one says that the picture has another form.
    func formatHasChanged() throws(SystemError) -> Bool
    /// Makes and maps buffers; returns how many there are.
    func makeBuffers(_ count: Int) throws(SystemError) -> Int
    func queue(_ index: Int) throws(SystemError)
    /// Nil when no buffer is ready.
    func dequeue() throws(SystemError) -> CameraBuffer?
    /// Copies the first `count` bytes of a dequeued buffer (fewer when the buffer is smaller) over `bytes`.
    func copy(_ index: Int, count: Int, into bytes: inout [UInt8])
    func startStreaming() throws(SystemError)
    func stopStreaming() throws(SystemError)
    /// Waits for a buffer.
    func wait(_ interruption: Interruption, timeoutNs: UInt64) throws(SystemError) -> EventSignal.Wake
}

/// What a node says about itself.
package struct CameraCapability: Hashable, Sendable {
    package var card: String
    package var driver: String
    package var bus: String
    package var canCapture: Bool
    package var canStream: Bool
}

/// A pixel format on offer.
package struct CameraFormat: Hashable, Sendable {
    /// V4L2's code.
    package var fourcc: UInt32
    /// libv4l2 converts to it in software, from some format that we do not know.
    package var isEmulated: Bool
}

/// A size that a camera offers for a format.
package struct CameraSize: Hashable, Sendable {
    package var width: Int
    package var height: Int
    /// The driver takes any size up to this one.
    package var isLargestOfRange: Bool
    package var framesPerSecond: [Double]
}

/// What the stream is made of.
package struct StreamFormat: Hashable, Sendable {
    package var width: Int
    package var height: Int
    package var fourcc: UInt32
    /// Bytes from row to row; 0 for compressed formats, and from some drivers for others.
    package var rowBytes: Int
}

/// A filled buffer.
package struct CameraBuffer: Hashable, Sendable {
    package var index: Int
    /// Valid bytes.
    package var bytes: Int
    package var sequence: UInt32
    /// The driver says that the content is damaged.
    package var isBad: Bool
    /// Of the monotonic clock; nil where the driver uses another.
    package var timestampNs: UInt64?
}

extension PixelFormat {
    /// V4L2's four-character code, as in videodev2.h.
    package var fourcc: UInt32 {
        switch self {
        case .mjpeg: PixelFormat.code("MJPG")
        case .yuyv: PixelFormat.code("YUYV")
        case .uyvy: PixelFormat.code("UYVY")
        case .nv12: PixelFormat.code("NV12")
        case .i420: PixelFormat.code("YU12")
        case .rgb24: PixelFormat.code("RGB3")
        case .grey: PixelFormat.code("GREY")
        }
    }

    /// The format of a code; "JPEG" is a JPEG a frame, too.
    package init?(fourcc: UInt32) {
        if fourcc == PixelFormat.code("JPEG") {
            self = .mjpeg
        } else if let format = PixelFormat.allCases.first(where: { $0.fourcc == fourcc }) {
            self = format
        } else {
            return nil
        }
    }

    static func code(_ text: StaticString) -> UInt32 {
        precondition(text.utf8CodeUnitCount == 4)
        return text.withUTF8Buffer { bytes in (0..<4).reduce(0) { unsafe $0 | UInt32(bytes[$1]) << UInt32(8 * $1) } }
    }
}
