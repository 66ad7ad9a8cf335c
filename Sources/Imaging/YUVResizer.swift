import CImaging
import Tensors

/// YUV frames to the network's RGB in one pass over the picture, a row of the result at a time: rows are weighted and summed
/// as they come from the camera, rounded to bytes; the columns of that one row likewise; and what is left, a row of the
/// input's width, is converted to RGB by BT.601. So colours are converted for 224x224 pixels and not for the camera's, and
/// nothing of the picture's size is ever written.
///
/// Chroma of 4:2:2 and 4:2:0 is repeated, not interpolated. Owns a few rows of scratch, which are reused.
@safe struct YUVResizer {
    private let kernels: ImagingKernels
    /// The weighted sum of some rows: packed bytes, or luma, then U, then V.
    private var row: [UInt8] = []
    /// The same as pixels Y U V x, then at the width of the result.
    private var pixels: [UInt8] = []
    private var narrow: [UInt8] = []

    init(kernels: ImagingKernels = .best) { self.kernels = kernels }

    static func handles(_ format: PixelFormat) -> Bool {
        switch format {
        case .yuyv, .uyvy, .nv12, .i420: true
        case .mjpeg, .rgb24, .grey: false
        }
    }

    /// - Parameters:
    ///   - frame: of a format that `handles` names; its geometry was checked with `ColourConversion.bytesNeeded`.
    ///   - destination: row r of the result goes to `origin + r * rowStride`, 3 bytes a pixel; checked here.
    mutating func resize(
        _ frame: borrowing Frame, across: borrowing FilterTable, down: borrowing FilterTable,
        into destination: inout MutableSpan<UInt8>, rowStride: Int, origin: Int
    ) {
        let (width, height) = (across.first.count, down.first.count)
        precondition(
            origin >= 0 && rowStride >= width * 3 && origin + (height - 1) * rowStride + width * 3 <= destination.count,
            "the destination holds every row")
        precondition(across.highest <= frame.width && down.highest <= frame.height, "the frame holds every pixel")
        // Whole pairs of columns, from an even one.
        let (even, columns) = (across.lowest & ~1, across.highest - across.lowest)
        let pairs = (across.highest - even + 1) / 2
        grow(&row, 4 * pairs)
        grow(&pixels, 4 * columns)
        grow(&narrow, 4 * width)
        let functions = unsafe kernels.functions
        unsafe frame.bytes.withUnsafeBufferPointer { bytes in
            unsafe destination.withUnsafeMutableBufferPointer { destination in
                guard let start = bytes.baseAddress, let target = destination.baseAddress else { return }
                let picture = unsafe Picture(start: start, frame, firstPair: even / 2, pairs: pairs)
                for index in 0..<height {
                    unsafe sum(picture, down, index, functions)
                    unsafe unpack(frame.format, pairs, offset: across.lowest - even, count: columns, functions)
                    unsafe filterAcross(across, functions)
                    unsafe functions.yuv_to_rgb(narrow, width, target + (origin + index * rowStride))
                }
            }
        }
    }

    private func grow(_ bytes: inout [UInt8], _ count: Int) {
        if bytes.count < count { bytes = [UInt8](repeating: 0, count: count) }
    }

    /// Where the rows of a frame lie.
    @unsafe private struct Picture {
        let format: PixelFormat
        let stride: Int
        let chromaStride: Int
        /// First byte that is read of row 0: packed, or luma; then those of the chroma planes.
        let main: UnsafePointer<UInt8>
        let u: UnsafePointer<UInt8>
        let v: UnsafePointer<UInt8>
        let pairs: Int
        /// Of planar luma: an odd width has no last one.
        let lumaColumns: Int

        init(start: UnsafePointer<UInt8>, _ frame: borrowing Frame, firstPair: Int, pairs: Int) {
            unsafe (format, stride, self.pairs) = (frame.format, frame.strideBytes, pairs)
            unsafe lumaColumns = min(2 * pairs, frame.width - 2 * firstPair)
            let chroma = unsafe start + frame.height * frame.strideBytes
            switch frame.format {
            case .nv12:
                unsafe chromaStride = frame.strideBytes
                unsafe (main, u) = (start + 2 * firstPair, chroma + 2 * firstPair)
                unsafe v = u + 1
            case .i420:
                unsafe chromaStride = (frame.strideBytes + 1) / 2
                unsafe (main, u) = (start + 2 * firstPair, chroma + firstPair)
                unsafe v = u + (frame.height + 1) / 2 * chromaStride
            case .yuyv, .uyvy, .mjpeg, .rgb24, .grey:
                unsafe chromaStride = 0
                unsafe (main, u, v) = (start + 4 * firstPair, start, start)
            }
        }
    }

    /// Sums rows into `row`: packed, or [2 * pairs] luma and behind it the chroma.
    private mutating func sum(
        _ picture: Picture, _ down: borrowing FilterTable, _ index: Int, _ functions: tsr_imaging_kernels
    ) {
        let (first, taps, base) = (down.first[index], down.taps[index], index * down.stride)
        let pairs = unsafe picture.pairs
        unsafe down.weights.withUnsafeBufferPointer { all in
            unsafe row.withUnsafeMutableBufferPointer { row in
                guard let weights = all.baseAddress, let row = row.baseAddress else { return }
                func add(_ plane: UnsafePointer<UInt8>, _ stride: Int, _ shift: Int32, _ count: Int, at place: Int) {
                    unsafe functions.down(plane, stride, first, shift, weights + base, taps, count, row + place)
                }
                switch unsafe picture.format {
                case .nv12:
                    unsafe add(picture.main, picture.stride, 0, picture.lumaColumns, at: 0)
                    unsafe add(picture.u, picture.chromaStride, 1, 2 * pairs, at: 2 * pairs)
                case .i420:
                    unsafe add(picture.main, picture.stride, 0, picture.lumaColumns, at: 0)
                    unsafe add(picture.u, picture.chromaStride, 1, pairs, at: 2 * pairs)
                    unsafe add(picture.v, picture.chromaStride, 1, pairs, at: 3 * pairs)
                case .yuyv, .uyvy, .mjpeg, .rgb24, .grey:
                    unsafe add(picture.main, picture.stride, 0, 4 * pairs, at: 0)
                }
            }
        }
    }

    /// From `row` to `pixels`.
    private mutating func unpack(
        _ format: PixelFormat, _ pairs: Int, offset: Int, count: Int, _ functions: tsr_imaging_kernels
    ) {
        unsafe row.withUnsafeBufferPointer { row in
            unsafe pixels.withUnsafeMutableBufferPointer { pixels in
                guard let row = row.baseAddress, let pixels = pixels.baseAddress else { return }
                let chroma = unsafe row + 2 * pairs
                switch format {
                case .yuyv: unsafe functions.unpack_yuyv(row, offset, count, pixels)
                case .uyvy: unsafe functions.unpack_uyvy(row, offset, count, pixels)
                case .nv12: unsafe functions.unpack_planes(row, chroma, chroma + 1, 2, offset, count, pixels)
                case .i420: unsafe functions.unpack_planes(row, chroma, chroma + pairs, 1, offset, count, pixels)
                case .mjpeg, .rgb24, .grey: break
                }
            }
        }
    }

    /// From `pixels` to `narrow`.
    private mutating func filterAcross(_ across: borrowing FilterTable, _ functions: tsr_imaging_kernels) {
        unsafe pixels.withUnsafeBufferPointer { pixels in
            unsafe narrow.withUnsafeMutableBufferPointer { narrow in
                guard let base = pixels.baseAddress, let narrow = narrow.baseAddress else { return }
                unsafe functions.across(
                    base - 4 * across.lowest, pixels.count + 4 * across.lowest, 4, across.first, across.taps,
                    across.weights, Int32(across.stride), across.digits, Int32(across.groups), across.first.count,
                    narrow)
            }
        }
    }
}
