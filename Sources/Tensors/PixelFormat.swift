/// How the bytes of a camera frame are laid out. Names are V4L2's.
package enum PixelFormat: String, Sendable, CaseIterable {
    /// A JPEG image, one a frame.
    case mjpeg
    /// Packed 4:2:2, bytes Y0 U Y1 V.
    case yuyv
    /// Packed 4:2:2, bytes U Y0 V Y1.
    case uyvy
    /// Planar luma, then interleaved U V at half size.
    case nv12
    /// Planar luma, U, V at half size (V4L2's YU12).
    case i420
    /// Packed bytes R G B.
    case rgb24
    /// Luma alone.
    case grey
}
