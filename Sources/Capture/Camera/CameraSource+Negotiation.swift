import Glibc
import LinuxIO
import Tensors

extension CameraSource {
    /// Best first: a JPEG is the least USB traffic and is decoded at the size we need; YUYV every webcam has.
    static let preference: [PixelFormat] = [.mjpeg, .yuyv, .nv12, .uyvy, .i420, .rgb24, .grey]
    /// What libv4l2 may convert to where a camera has nothing of the above: RGB from raw sensors and odd compressions.
    static let emulated: [PixelFormat] = [.rgb24, .i420]

    /// Formats to ask for, best first, with the camera's own code of each.
    /// - Parameter only: the one format that is wanted, emulated or not; nil for any.
    static func wishes(_ offered: [CameraFormat], only: PixelFormat?) -> [(format: PixelFormat, fourcc: UInt32)] {
        func codes(_ formats: [PixelFormat], isEmulated: Bool) -> [(format: PixelFormat, fourcc: UInt32)] {
            formats.compactMap { format in
                // A camera may offer JPEG under either of its two codes.
                let entry = offered.first { $0.isEmulated == isEmulated && PixelFormat(fourcc: $0.fourcc) == format }
                return entry.map { (format, $0.fourcc) }
            }
        }
        if let only { return codes([only], isEmulated: false) + codes([only], isEmulated: true) }
        return codes(preference, isEmulated: false) + codes(emulated, isEmulated: true)
    }

    /// Finds a format that both sides know. Drivers answer an unknown wish with any format they like, so what comes back
    /// counts and nothing else.
    static func agree(
        _ device: any V4L2Device, _ request: CameraRequest
    ) throws(SystemError) -> (PixelFormat, StreamFormat) {
        let offered = try device.formats()
        for wish in wishes(offered, only: request.format) {
            let wanted = StreamFormat(width: request.width, height: request.height, fourcc: wish.fourcc, rowBytes: 0)
            let given: StreamFormat
            do throws(SystemError) { given = try device.setFormat(wanted) } catch {
                // The driver refuses what it offered: another may do. Anything else is about the device.
                if error.errno == EINVAL { continue }
                throw error
            }
            if let format = PixelFormat(fourcc: given.fourcc), request.format == nil || request.format == format,
                (1...16384).contains(given.width), (1...16384).contains(given.height), given.rowBytes <= 1 << 18
            {
                return (format, given)
            }
        }
        let isRaw = !offered.isEmpty && offered.allSatisfy { $0.isEmulated || BayerFormat.contains($0.fourcc) }
        throw SystemError(call: isRaw ? BayerFormat.call : "VIDIOC_S_FMT", errno: ENOTSUP)
    }
}

/// Raw sensor data: what the nodes of a board's CSI camera give, and nobody but an image processor can use.
enum BayerFormat {
    /// Stands for the call in errors about cameras that have nothing else.
    static let call = "raw Bayer"

    /// V4L2's codes, 8 to 16 bits, packed and not.
    static let codes: Set<UInt32> = {
        let names: [StaticString] = [
            "BA81", "GBRG", "GRBG", "RGGB", "BG10", "GB10", "BA10", "RG10", "pBAA", "pGAA", "pgAA", "pRAA", "BG12",
            "GB12",
            "BA12", "RG12", "pBCC", "pGCC", "pgCC", "pRCC", "BG14", "GB14", "GR14", "RG14", "BYR2", "GB16", "GR16",
            "RG16",
            "PC1B", "PC1G", "PC1g", "PC1R",
        ]
        return Set(names.map(PixelFormat.code))
    }()

    static func contains(_ fourcc: UInt32) -> Bool { codes.contains(fourcc) }
}
