import Glibc
import LinuxIO

/// Each cause has a name that the message begins with: no device, unplugged, busy, no permission, no frames, corrupt frames,
/// format changed, stream broke, no camera, no usable format, raw sensor.
extension CameraSource {
    /// Error numbers that the kernel does not use here, for what this module finds out itself.
    static let corruptOnly = EBADMSG
    static let changed = ESTALE

    /// Words for what a camera's user can do about it.
    static func explain(_ error: SystemError, _ path: String) -> CaptureError {
        let (code, message) = judge(error, path)
        return CaptureError(code, source: "v4l2:\(path)", message)
    }

    private static func judge(_ error: SystemError, _ path: String) -> (CaptureError.Code, String) {
        switch error.errno {
        case ENOENT, ENOTDIR:
            (.noInput, "no device: plug the camera in, or choose another (tarsier inspect camera)")
        case ENODEV, ENXIO:
            (.disconnected, "unplugged: the camera has gone; plug it in again")
        case ETIMEDOUT:
            (.timedOut, "no frames: the camera sends nothing; check its cable and USB power")
        case corruptOnly:
            (.timedOut, "corrupt frames: nothing else came for seconds; check the cable, or ask for a smaller size")
        case changed:
            (.changed, "format changed: the camera's picture has another size or form; starting anew")
        case EBUSY:
            (.busy, "busy: \(DeviceHolder.text(path))")
        case EACCES, EPERM:
            (.permission, "no permission: \(PermissionAdvice.text(path))")
        case ENOTSUP where error.call == BayerFormat.call:
            (
                .unavailable,
                "raw sensor: a CSI camera that gives Bayer data; start the daemon with libcamerify (apt install "
                    + "libcamera-v4l2), or use a USB camera"
            )
        case ENOTSUP where error.call == "VIDIOC_S_FMT":
            (
                .unavailable,
                "no usable format: wants MJPEG, YUYV, NV12, UYVY, YU12, RGB3 or GREY; tarsier inspect camera shows what it has"
            )
        case ENOTSUP, ENOTTY:
            (.unavailable, "no camera: the node does not stream pictures; use another (v4l2:auto finds one)")
        default:
            // EIO, EPROTO, EPIPE of a broken transfer, EINVAL of a driver that lost its state: opening again mends most.
            (.io, "stream broke: \(error.call): \(error.reason)")
        }
    }
}
