internal import CKernels

/// The first 3x3 convolution, stride 2, padding 1, on the camera's RGB bytes.
package struct StemLayer: Sendable {
    package let kernel: Kernel
    package let weights: PackedWeights
    package let output: OutputRange

    package var channels: Int { weights.channels }

    /// - Parameters:
    ///   - kernel: of `.stem3x3`.
    ///   - weights: [channels, 3, 3, 3 colours] in [-127, 127].
    package init(kernel: Kernel, channels: Int, weights: [Int8], params: ChannelParams, output: OutputRange) {
        precondition(kernel.operation == .stem3x3 && params.inputZeroPoint == 0, "pixel 128 is real 0")
        self.kernel = kernel
        self.weights = .stem3x3(kernel.packing, channels: channels, weights: weights, params: params)
        self.output = output
    }

    /// Computes output rows `first ..< first + rows.count`.
    package func callAsFunction(_ picture: PictureView, firstRow first: Int, into rows: QuadRows) {
        precondition(first >= 0 && 2 * (first + rows.count) <= picture.height + 1)
        precondition(rows.width == (picture.width + 1) / 2 && rows.blocks == weights.blocks)
        unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<UInt8>?.self, capacity: 2 * rows.count + 1) { pointers in
            for index in 0..<(2 * rows.count + 1) {
                unsafe pointers.initializeElement(at: index, to: picture.borderedRow(2 * first + index))
            }
            var args = unsafe tsr_stem3x3_args(
                rows: pointers.baseAddress, weights: weights.pointer, blocks: Int32(weights.blocks),
                output: output.c(weights.sums),
                out_height: Int32(rows.count), out_width: Int32(rows.width), out_rows: UnsafePointer(rows.pointers),
                out_block_stride: rows.blockStride)
            var count: Int32 = 0
            unsafe tsr_stem3x3_table(&count)[kernel.row].run(&args)
        }
    }
}

/// An RGB picture with a border of one pixel of 128 on every side, as the stem reads it.
///
/// Rows of `3 * (width + 2)` bytes and slack, `rowStride` apart; `height + 2` rows; two border rows in all for odd sizes.
@safe package struct PictureView {
    private let base: UnsafePointer<UInt8>
    /// Pixels, without the border.
    package let height: Int
    package let width: Int

    /// - Parameter base: `byteCount(height:width:)` bytes, border included, valid as long as the view is used.
    @unsafe package init(base: UnsafePointer<UInt8>, height: Int, width: Int) {
        precondition(height > 0 && width > 0)
        unsafe self.base = base
        self.height = height
        self.width = width
    }

    package static func rowStride(width: Int) -> Int { (3 * (width + 3) + Int(TSR_STEM_SLACK) + 63) / 64 * 64 }

    package static func byteCount(height: Int, width: Int) -> Int { (height + 3) * rowStride(width: width) }

    /// Byte of pixel (0, 0): behind the border row and the border pixel.
    package static func origin(width: Int) -> Int { rowStride(width: width) + 3 }

    /// Row `index` counted from the upper border row, at its left border pixel.
    func borderedRow(_ index: Int) -> UnsafePointer<UInt8> {
        precondition(index >= 0 && index < height + 3)
        return unsafe base + index * PictureView.rowStride(width: width)
    }
}
