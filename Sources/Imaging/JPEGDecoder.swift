import CJPEG

/// Decodes JPEG pictures to RGB, wholly or the part and scale that is asked for. One thread at a time; reused for any number.
@safe package struct JPEGDecoder: ~Copyable {
    private let decoder: OpaquePointer

    /// Throws only when there is no memory.
    package init() throws(ImagingError) {
        guard let decoder = unsafe tsr_jpeg_create() else { throw ImagingError(.tooLarge, "no memory for a decoder") }
        unsafe self.decoder = decoder
    }

    deinit { unsafe tsr_jpeg_destroy(decoder) }

    /// A rectangle of decoded pixels, at some scale.
    struct Region {
        /// Column of the (scaled) picture that is first in the buffer.
        var x = 0
        /// Columns in the buffer.
        var width = 0
    }

    /// What a caller wants of a picture once its size is known.
    struct Wanted {
        /// 1, 2, 4 or 8.
        var denominator: Int
        /// First column and number of columns, in scaled pixels.
        var x: Int
        var width: Int
        /// First row and number of rows, in scaled pixels.
        var y: Int
        var height: Int
    }

    /// Bytes a pixel of what a decoder gives.
    enum Output: Int {
        case luma = 1
        case rgb = 3
    }

    /// Reads the header, asks `plan` what is wanted (nil refuses the picture), and writes those rows to `pixels` (grown when too small).
    /// - Returns: where the pixels lie; row r of the scaled picture is at `(r - wanted.y) * region.width * output.rawValue`.
    borrowing func decode(
        _ bytes: [UInt8], to output: Output = .rgb, into pixels: inout [UInt8],
        _ plan: (_ width: Int, _ height: Int) -> Wanted?
    ) throws(ImagingError) -> Region {
        let result: Result<Region, ImagingError> = unsafe bytes.withUnsafeBufferPointer { bytes in
            do throws(ImagingError) {
                var (width, height): (Int32, Int32) = (0, 0)
                try check(unsafe tsr_jpeg_begin(decoder, bytes.baseAddress, bytes.count, &width, &height))
                guard let wanted = plan(Int(width), Int(height)) else {
                    throw ImagingError(.corrupt, "\(width)x\(height) pixels are far more than the camera was asked for")
                }
                var (x, columns, rows): (Int32, Int32, Int32) = (0, 0, 0)
                try check(
                    unsafe tsr_jpeg_start(
                        decoder, Int32(wanted.denominator), output == .luma ? 1 : 0, Int32(wanted.x),
                        Int32(clamping: wanted.width), &x, &columns, &rows))
                let count = min(wanted.height, Int(rows) - wanted.y)
                precondition(count > 0, "the wanted rows lie in the picture")
                let needed = count * Int(columns) * output.rawValue
                if pixels.count < needed + Resampler.slack {
                    pixels = [UInt8](repeating: 0, count: needed + Resampler.slack)
                }
                let status = unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                    unsafe tsr_jpeg_rows(
                        decoder, Int32(wanted.y), Int32(count), pixels.baseAddress, Int(columns) * output.rawValue,
                        Int32.max)
                }
                try check(status)
                return .success(Region(x: Int(x), width: Int(columns)))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private borrowing func check(_ status: tsr_jpeg_status) throws(ImagingError) {
        if status == TSR_JPEG_OK { return }
        let words = unsafe String(cString: tsr_jpeg_message(decoder))
        switch status {
        case TSR_JPEG_TOO_LARGE: throw ImagingError(.tooLarge, words)
        case TSR_JPEG_UNSUPPORTED: throw ImagingError(.unsupported, words)
        case TSR_JPEG_NO_MEMORY: throw ImagingError(.tooLarge, "no memory to decode it")
        default: throw ImagingError(.corrupt, "not a whole JPEG: \(words)")
        }
    }

    /// Decodes a whole picture at full size.
    /// - Returns: width, height and [height][width][3] RGB bytes.
    package borrowing func decodeWhole(
        _ bytes: [UInt8]
    ) throws(ImagingError) -> (width: Int, height: Int, rgb: [UInt8]) {
        var rgb: [UInt8] = []
        var size = (width: 0, height: 0)
        _ = try decode(bytes, into: &rgb) { width, height in
            size = (width, height)
            return Wanted(denominator: 1, x: 0, width: width, y: 0, height: height)
        }
        rgb.removeLast(Resampler.slack)
        return (size.width, size.height, rgb)
    }
}
