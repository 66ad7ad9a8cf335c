import CImaging

/// Applies a horizontal and a vertical `FilterTable` to RGB bytes. Two passes as in PIL: across, rounded to bytes, then down.
/// Owns the bytes between the passes; they are reused.
@safe struct Resampler {
    /// Bytes behind the last pixel of a source that the kernels may read.
    static let slack = 1

    private let kernels: ImagingKernels
    /// [rows the vertical table reads][output width][3]
    private var between: [UInt8] = []

    init(kernels: ImagingKernels = .best) { self.kernels = kernels }

    /// Resizes.
    /// - Parameters:
    ///   - source: RGB rows; pixel (x, y) of the picture is at `(y - originY) * sourceStride + (x - originX) * 3`. Holds all
    ///     pixels that the tables read.
    ///   - destination: row r of the result goes to `origin + r * rowStride`, 3 bytes a pixel; checked by the caller.
    mutating func resize(
        _ source: [UInt8], sourceStride: Int, originX: Int, originY: Int,
        across: borrowing FilterTable, down: borrowing FilterTable,
        into destination: inout MutableSpan<UInt8>, rowStride: Int, origin: Int
    ) {
        let width = across.first.count
        let height = down.first.count
        let rows = down.highest - down.lowest
        let rowBytes = width * 3
        precondition(
            down.lowest >= originY && across.lowest >= originX
                && (down.highest - 1 - originY) * sourceStride + (across.highest - originX) * 3 + Resampler.slack
                    <= source.count,
            "the source holds every pixel that is read")
        precondition(
            origin >= 0 && rowStride >= rowBytes && origin + (height - 1) * rowStride + rowBytes <= destination.count,
            "the destination holds every row")
        if between.count <= rows * rowBytes {
            between = [UInt8](repeating: 0, count: rows * rowBytes + 1)
        }
        let functions = unsafe kernels.functions
        unsafe source.withUnsafeBufferPointer { source in
            unsafe between.withUnsafeMutableBufferPointer { between in
                guard let start = source.baseAddress, let middle = between.baseAddress else { return }
                for row in 0..<rows {
                    let offset = (row + down.lowest - originY) * sourceStride - originX * 3
                    unsafe functions.across(
                        start + offset, source.count - offset, 3, across.first, across.taps, across.weights,
                        Int32(across.stride), across.digits, Int32(across.groups), width, middle + row * rowBytes)
                }
            }
        }
        unsafe between.withUnsafeBufferPointer { between in
            unsafe destination.withUnsafeMutableBufferPointer { destination in
                unsafe down.weights.withUnsafeBufferPointer { weights in
                    guard let middle = between.baseAddress, let target = destination.baseAddress,
                        let weights = weights.baseAddress
                    else { return }
                    for row in 0..<height {
                        unsafe functions.down(
                            middle, rowBytes, down.first[row] - Int32(down.lowest), 0, weights + row * down.stride,
                            down.taps[row], rowBytes, target + (origin + row * rowStride))
                    }
                }
            }
        }
    }
}
