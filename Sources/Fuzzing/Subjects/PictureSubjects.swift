internal import Imaging
internal import Tensors

/// One JPEG as a camera sends it: refused, or decoded into the network's input; a refusal leaves the input alone.
package struct JPEGSubject: FuzzSubject {
    package static let name = "jpeg"
    package static var seeds: [[UInt8]] {
        get throws {
            try [(false, false), (true, false), (true, true)].map { try Pictures.jpeg($0.0, grey: $0.1) }
                // Large enough that columns and rows are left out.
                + [Pictures.jpeg(false, grey: false, width: 96, height: 64)]
        }
    }

    private let input: PreparedInput

    package init() throws { input = try PreparedInput() }

    package mutating func accepts(_ bytes: [UInt8]) -> Bool {
        var frame = Frame()
        (frame.format, frame.width, frame.height, frame.bytes) = (.mjpeg, 64, 48, bytes)
        return input.prepare(frame)
    }
}

/// A frame of any format whose driver says anything of its size: the first nine bytes choose format, sides and stride.
package struct CameraFrameSubject: FuzzSubject {
    package static let name = "camera-frame"
    package static let limit = 2048
    package static var seeds: [[UInt8]] {
        get throws {
            let jpeg = try Pictures.jpeg(false, grey: false)
            return PixelFormat.allCases.enumerated().map { index, format in
                // 16x12, three bytes a pixel at most; a JPEG says for itself what it is.
                let header: [UInt8] = [UInt8(index), 16, 0, 12, 0, 48, 0, 0, 0]
                return header + (format == .mjpeg ? jpeg : (0..<900).map { UInt8(truncatingIfNeeded: $0 * 7) })
            }
        }
    }

    private let input: PreparedInput

    package init() throws { input = try PreparedInput() }

    package mutating func accepts(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 9 else { return false }
        let number = { (offset: Int) in Int(Int16(truncatingIfNeeded: Int(bytes[offset]) | Int(bytes[offset + 1]) << 8))
        }
        var frame = Frame()
        frame.format = PixelFormat.allCases[Int(bytes[0]) % PixelFormat.allCases.count]
        (frame.width, frame.height, frame.strideBytes) = (number(1), number(3), number(5))
        frame.bytes = Array(bytes[9...])
        return input.prepare(frame)
    }
}

/// A preparer and the input that it fills, guarded by a margin that nothing may write.
final class PreparedInput {
    private static let (side, margin): (Int, UInt8) = (12, 0xA5)
    private var preparer: Preparer
    private var bytes: [UInt8]
    /// What `bytes` held before the last frame.
    private var before: [UInt8]

    init() throws {
        preparer = try Preparer(
            Preprocessing(width: PreparedInput.side, height: PreparedInput.side, cropFraction: 0.9, std: 64))
        bytes = [UInt8](repeating: PreparedInput.margin, count: PreparedInput.side * PreparedInput.side * 3 + 64)
        before = bytes
    }

    func prepare(_ frame: borrowing Frame) -> Bool {
        let row = PreparedInput.side * 3
        before.replaceSubrange(before.indices, with: bytes)
        var isAccepted = true
        do throws(ImagingError) {
            var span = bytes.mutableSpan
            try preparer.prepare(frame, into: &span, rowStride: row, origin: 32)
        } catch {
            isAccepted = false
            promise(bytes == before, "a frame that was refused has changed the input")
        }
        promise(
            bytes.prefix(32).allSatisfy { $0 == PreparedInput.margin }
                && bytes.suffix(32).allSatisfy { $0 == PreparedInput.margin }, "written beside the input")
        return isAccepted
    }
}

/// Small sound pictures.
enum Pictures {
    static func jpeg(_ isProgressive: Bool, grey: Bool, width: Int = 24, height: Int = 16) throws -> [UInt8] {
        let pixels = (0..<(width * height * 3)).map { UInt8(truncatingIfNeeded: $0 / 3 % width * 4 + $0 / 576 * 11) }
        var options = JPEGEncoder.Options()
        (options.isProgressive, options.isGrey, options.quality) = (isProgressive, grey, 60)
        return try JPEGEncoder.encode(pixels, width: width, height: height, options)
    }
}
