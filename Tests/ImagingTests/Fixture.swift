import Imaging
import Tensors

/// Small pictures made by our own code.
enum Fixture {
    /// Half pattern, half noise; the same as the script that asked PIL for the golden bytes. [height][width][3]
    static func picture(_ width: Int, _ height: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var state: UInt32 = 12345
        for y in 0..<height {
            for x in 0..<width {
                for channel in 0..<3 {
                    state = state &* 1_664_525 &+ 1_013_904_223
                    let pattern = UInt8(truncatingIfNeeded: x * 7 + y * 3 * (channel + 1))
                    bytes.append((x / 4 + y / 4) % 3 != 0 ? pattern : UInt8(state >> 24))
                }
            }
        }
        return bytes
    }

    /// A picture that JPEG keeps well. [height][width][3]
    static func smooth(_ width: Int, _ height: Int) -> [UInt8] {
        (0..<(width * height)).flatMap { index in
            let (x, y) = (index % width, index / width)
            return [
                UInt8(40 + x * 170 / max(1, width)), UInt8(60 + y * 150 / max(1, height)), UInt8(128 + (x + y) % 32),
            ]
        }
    }

    static func frame(_ format: PixelFormat, _ width: Int, _ height: Int, _ bytes: [UInt8], stride: Int? = nil) -> Frame
    {
        var frame = Frame()
        (frame.format, frame.width, frame.height, frame.bytes) = (format, width, height, bytes)
        let natural: Int =
            switch format {
            case .mjpeg: 0
            case .yuyv, .uyvy: (width + 1) / 2 * 4
            case .nv12: (width + 1) / 2 * 2
            case .i420, .grey: width
            case .rgb24: width * 3
            }
        frame.strideBytes = stride ?? natural
        return frame
    }

    static func jpeg(
        _ rgb: [UInt8], _ width: Int, _ height: Int, _ change: (inout JPEGEncoder.Options) -> Void = { _ in }
    ) throws -> [UInt8] {
        var options = JPEGEncoder.Options()
        change(&options)
        return try JPEGEncoder.encode(rgb, width: width, height: height, options)
    }

    static func jpegFrame(_ bytes: [UInt8], name: String? = nil) -> Frame {
        var frame = frame(.mjpeg, 0, 0, bytes)
        frame.name = name
        return frame
    }

    static func preprocessing(_ side: Int, crop: Double = 1) -> Preprocessing {
        Preprocessing(width: side, height: side, cropFraction: crop, std: 64)
    }
}
