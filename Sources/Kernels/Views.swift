internal import CKernels

// Views of activations for kernels: where the bytes lie, not who owns them. A view is made by whoever owns the memory
// (the engine's arena, the harness' guarded buffers), is used on one thread, and must not outlive that memory. Layouts
// are drawn in tsr_layout.h.

/// NHWC bytes; the pixel stride is at least the channels, rounded up to 4.
@safe package struct PixelsView {
    let base: UnsafeMutablePointer<UInt8>
    package let rows: Int
    package let width: Int
    package let channels: Int
    package let rowStride: Int
    package let pixelStride: Int

    /// - Parameter base: `rows * rowStride` bytes that stay valid as long as the view is used.
    @unsafe package init(
        base: UnsafeMutablePointer<UInt8>, rows: Int, width: Int, channels: Int, rowStride: Int, pixelStride: Int
    ) {
        precondition(rows > 0 && width > 0 && channels > 0 && pixelStride >= PixelsView.stride(channels: channels))
        precondition(rowStride >= width * pixelStride)
        unsafe self.base = base
        self.rows = rows
        self.width = width
        self.channels = channels
        self.rowStride = rowStride
        self.pixelStride = pixelStride
    }

    /// Bytes from one pixel to the next: kernels read whole runs of four channels.
    package static func stride(channels: Int) -> Int { (channels + 3) / 4 * 4 }

    /// The rows of a range, as a view of their own.
    package func subrows(_ range: Range<Int>) -> PixelsView {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows && !range.isEmpty)
        return unsafe PixelsView(
            base: base + range.lowerBound * rowStride, rows: range.count, width: width, channels: channels,
            rowStride: rowStride, pixelStride: pixelStride)
    }

    /// Some channels of every pixel, from a multiple of 4 on, as a view of their own.
    package func subchannels(_ range: Range<Int>) -> PixelsView {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= channels && !range.isEmpty && range.lowerBound % 4 == 0)
        return unsafe PixelsView(
            base: base + range.lowerBound, rows: rows, width: width, channels: range.count, rowStride: rowStride,
            pixelStride: pixelStride)
    }

    /// Some channels of every pixel, wherever they begin, as a view of their own. A kernel that reads it may read up to
    /// three bytes behind the last pixel.
    package func slice(_ range: Range<Int>) -> PixelsView {
        precondition(range.lowerBound >= 0 && range.upperBound <= channels && !range.isEmpty)
        return unsafe PixelsView(
            slice: base + range.lowerBound, rows: rows, width: width, channels: range.count, rowStride: rowStride,
            pixelStride: pixelStride)
    }

    /// Every `step`-th pixel of every `step`-th row, as a view of their own.
    package func subsampled(_ step: Int) -> PixelsView {
        unsafe PixelsView(
            slice: base, rows: (rows + step - 1) / step, width: (width + step - 1) / step, channels: channels,
            rowStride: step * rowStride, pixelStride: step * pixelStride)
    }

    /// Whether the pixels lie in one run, `pixelStride` apart.
    package var isContiguous: Bool { rows == 1 || rowStride == width * pixelStride }

    private init(
        slice base: UnsafeMutablePointer<UInt8>, rows: Int, width: Int, channels: Int, rowStride: Int, pixelStride: Int
    ) {
        precondition(pixelStride >= channels)
        unsafe self.base = base
        (self.rows, self.width, self.channels) = (rows, width, channels)
        (self.rowStride, self.pixelStride) = (rowStride, pixelStride)
    }

    var c: tsr_pixels {
        unsafe tsr_pixels(
            data: base, row_stride: rowStride, group_stride: 4 * pixelStride, pixel_stride: pixelStride, run_stride: 4,
            rows: Int32(rows), width: Int32(width), runs: Int32((channels + 3) / 4))
    }
}

/// What a projection reads after a depthwise layer: for each group of four pixels runs of [4 pixels][4 channels].
@safe package struct PanelView {
    let base: UnsafeMutablePointer<UInt8>
    package let rows: Int
    package let width: Int
    /// Blocks of 16 channels.
    package let blocks: Int
    /// Bytes from one group of pixels to the next; more than the blocks take in a view of some of a panel's blocks.
    package let groupStride: Int

    /// - Parameter base: `byteCount(rows:width:blocks:)` bytes that stay valid as long as the view is used.
    @unsafe package init(base: UnsafeMutablePointer<UInt8>, rows: Int, width: Int, blocks: Int) {
        precondition(rows > 0 && width > 0 && blocks > 0)
        unsafe self.base = base
        self.rows = rows
        self.width = width
        self.blocks = blocks
        groupStride = blocks * QuadLayout.cellBytes
    }

    private init(_ panel: PanelView, rows: Range<Int>, blocks: Range<Int>) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= panel.rows && !rows.isEmpty)
        precondition(blocks.lowerBound >= 0 && blocks.upperBound <= panel.blocks && !blocks.isEmpty)
        unsafe base = panel.base + rows.lowerBound * panel.rowStride + blocks.lowerBound * QuadLayout.cellBytes
        self.rows = rows.count
        width = panel.width
        self.blocks = blocks.count
        groupStride = panel.groupStride
    }

    package var groups: Int { QuadLayout.groups(width: width) }
    package var rowStride: Int { groups * groupStride }

    /// Some rows of some blocks, as a view of their own.
    package func part(rows: Range<Int>, blocks: Range<Int>) -> PanelView {
        PanelView(self, rows: rows, blocks: blocks)
    }

    package static func byteCount(rows: Int, width: Int, blocks: Int) -> Int {
        rows * QuadLayout.groups(width: width) * blocks * Int(TSR_CELL_BYTES)
    }

    /// - Parameter inputs: channels that count, at most 16 * blocks.
    func c(inputs: Int) -> tsr_pixels {
        unsafe tsr_pixels(
            data: base, row_stride: rowStride, group_stride: groupStride, pixel_stride: 4,
            run_stride: 16, rows: Int32(rows), width: Int32(width), runs: Int32((inputs + 3) / 4))
    }
}

/// Arithmetic of the quads layout: cells of [16 channels][4 pixels] with a pad cell at either end of a block's row.
package enum QuadLayout {
    package static let cellBytes = Int(TSR_CELL_BYTES)
    package static let blockChannels = Int(TSR_BLOCK)

    package static func groups(width: Int) -> Int { (width + 3) / 4 }
    package static func blocks(channels: Int) -> Int { (channels + 15) / 16 }
    /// Bytes from one block of a row to the next.
    package static func blockStride(width: Int) -> Int { (groups(width: width) + 2) * cellBytes }
    /// Bytes of one row with its pad cells.
    package static func rowBytes(width: Int, channels: Int) -> Int {
        blocks(channels: channels) * blockStride(width: width)
    }
}

/// Row pointers into quads: each points at group 0 of block 0.
@safe package struct QuadRows {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
    package let count: Int
    package let width: Int
    package let blocks: Int

    /// - Parameter pointers: `count` row pointers, valid as long as the view is used, and so are the rows.
    @unsafe package init(
        pointers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, count: Int, width: Int, blocks: Int
    ) {
        precondition(count > 0 && width > 0 && blocks > 0)
        unsafe self.pointers = pointers
        self.count = count
        self.width = width
        self.blocks = blocks
    }

    package var blockStride: Int { QuadLayout.blockStride(width: width) }
}

/// How a layer's output becomes bytes; logical values.
package struct OutputRange: Hashable, Sendable {
    package let zeroPoint: Int8
    package let low: Int8
    package let high: Int8

    package init(zeroPoint: Int8, low: Int8, high: Int8) {
        precondition(low <= high)
        self.zeroPoint = zeroPoint
        self.low = low
        self.high = high
    }

    func c(_ sums: SumPromises) -> tsr_output {
        tsr_output(
            zero_point: Int32(zeroPoint), low: Int32(low), high: Int32(high), small_sums: sums.small,
            small_results: sums.smallResults)
    }

    /// The stored byte of the zero point: what padding holds.
    package var storedZero: UInt8 { StoredByte.encode(zeroPoint) }
}

/// Stored bytes are logical bytes plus a bias that suits the CPU: 128 on x86, 0 on Arm.
package enum StoredByte {
    package static let bias = Int(TSR_STORED_BIAS)
    package static func encode(_ q: Int8) -> UInt8 { UInt8(truncatingIfNeeded: Int(q) + bias) }
    package static func decode(_ stored: UInt8) -> Int8 { Int8(truncatingIfNeeded: Int(stored) - bias) }
}
