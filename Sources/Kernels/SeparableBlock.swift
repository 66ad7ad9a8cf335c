/// A depthwise-separable block fused on row strips: producer -> depthwise 3x3 -> projection, with an optional skip.
///
/// The tensor between producer and depthwise layer is the largest of the network (8.1 MiB of traffic a frame in SM_V2)
/// and never exists as a whole: a strip of output rows needs `stride * rows + 2` of its rows, which live in a ring that
/// stays in the first-level or second-level cache, in the layout the depthwise kernel wants. Rows that two strips share
/// are computed once a worker.
package struct SeparableBlock: Sendable {
    /// What fills the quads.
    package enum Producer: Sendable {
        case stem(StemLayer)
        case pointwise(PointwiseLayer)
        case interleave(InterleaveLayer)
    }

    package let producer: Producer
    package let depthwise: DepthwiseLayer
    package let projection: PointwiseLayer
    /// Zero point and multiplier of the skip where there is one.
    package let skip: (zeroPoint: Int8, multiplier: Float)?
    /// Extent of the quads: rows and columns before the depthwise layer.
    package let innerHeight: Int
    package let innerWidth: Int
    /// Stored byte that padding of the quads holds.
    package let padding: UInt8
    /// Output rows computed at a time, at least 1.
    package let stripRows: Int

    package init(
        producer: Producer, depthwise: DepthwiseLayer, projection: PointwiseLayer,
        skip: (zeroPoint: Int8, multiplier: Float)?, innerHeight: Int, innerWidth: Int, padding: UInt8, stripRows: Int
    ) {
        precondition(innerHeight > 0 && innerWidth > 0 && stripRows > 0)
        precondition(projection.inputs == depthwise.channels)
        self.producer = producer
        self.depthwise = depthwise
        self.projection = projection
        self.skip = skip
        self.innerHeight = innerHeight
        self.innerWidth = innerWidth
        self.padding = padding
        self.stripRows = min(stripRows, depthwise.outputExtent(innerHeight))
    }

    package var outputHeight: Int { depthwise.outputExtent(innerHeight) }
    package var outputWidth: Int { depthwise.outputExtent(innerWidth) }
    /// Quad rows that one strip reads.
    package var windowRows: Int { (stripRows - 1) * depthwise.stride + 3 }

    private var rowBytes: Int { QuadLayout.rowBytes(width: innerWidth, channels: depthwise.channels) }
    private var panelBytes: Int {
        PanelView.byteCount(rows: stripRows, width: outputWidth, blocks: depthwise.weights.blocks)
    }

    /// Bytes one worker needs while it runs this block: the ring, one row of padding, the panel, the row pointers.
    package var scratchBytes: Int {
        (windowRows + 1) * rowBytes + panelBytes + windowRows * MemoryLayout<UInt>.stride  // row pointers
    }

    /// Bytes of scratch for a strip height, to choose one by.
    package static func scratchBytes(
        stripRows: Int, stride: Int, innerWidth: Int, channels: Int
    ) -> Int {
        let window = (stripRows - 1) * stride + 3
        let panel = PanelView.byteCount(
            rows: stripRows, width: (innerWidth - 1) / stride + 1, blocks: QuadLayout.blocks(channels: channels))
        return (window + 1) * QuadLayout.rowBytes(width: innerWidth, channels: channels) + panel
    }

    /// Where the producer reads.
    package enum Input {
        case picture(PictureView)
        case pixels(PixelsView)
    }

    /// Computes the output rows of a range; other rows of the output are not touched.
    /// - Parameters:
    ///   - output: the whole output.
    ///   - skipInput: the whole tensor to add, of the output's geometry; needed exactly when the block has a skip.
    ///   - scratch: at least `scratchBytes` bytes of the calling worker, 64-byte aligned; content does not matter.
    package func run(
        _ rows: Range<Int>, from input: Input, adding skipInput: PixelsView?, into output: PixelsView,
        scratch: borrowing WorkerScratch
    ) {
        precondition(scratch.byteCount >= scratchBytes && (skip == nil) == (skipInput == nil))
        precondition(rows.lowerBound >= 0 && rows.upperBound <= outputHeight)
        var strips = unsafe StripRunner(self, scratch: scratch.base)
        strips.clearPadding()
        var first = rows.lowerBound
        while first < rows.upperBound {
            let strip = first..<min(first + stripRows, rows.upperBound)
            strips.run(strip, from: input, adding: skipInput, into: output)
            first = strip.upperBound
        }
    }

    /// One worker's pass over consecutive strips.
    @safe private struct StripRunner {
        private let block: SeparableBlock
        private let ring: UnsafeMutablePointer<UInt8>
        private let panel: UnsafeMutablePointer<UInt8>
        private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
        /// Next row that the producer has to make; rows below it are in the ring or no longer needed.
        private var produced = 0

        init(_ block: SeparableBlock, scratch: UnsafeMutablePointer<UInt8>) {
            self.block = block
            unsafe ring = scratch
            let panelOffset = (block.windowRows + 1) * block.rowBytes
            unsafe panel = scratch + panelOffset
            unsafe pointers = UnsafeMutableRawPointer(scratch + panelOffset + block.panelBytes)
                .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        }

        /// Fills the pad cells at both ends of every block's row, and the whole row that stands for those outside.
        func clearPadding() {
            let blockStride = QuadLayout.blockStride(width: block.innerWidth)
            let cell = QuadLayout.cellBytes
            for start in stride(from: 0, to: block.windowRows * block.rowBytes, by: blockStride) {
                unsafe (ring + start).update(repeating: block.padding, count: cell)
                unsafe (ring + start + blockStride - cell).update(repeating: block.padding, count: cell)
            }
            unsafe (ring + block.windowRows * block.rowBytes).update(repeating: block.padding, count: block.rowBytes)
        }

        /// Group 0 of block 0 of a row of the tensor between producer and depthwise layer.
        private func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
            let slot = y < 0 || y >= block.innerHeight ? block.windowRows : y % block.windowRows
            return unsafe ring + slot * block.rowBytes + QuadLayout.cellBytes
        }

        mutating func run(
            _ strip: Range<Int>, from input: Input, adding skipInput: PixelsView?, into output: PixelsView
        ) {
            let stride = block.depthwise.stride
            let top = strip.lowerBound * stride - 1
            let needed = max(produced, max(0, top))..<min(block.innerHeight, (strip.upperBound - 1) * stride + 2)
            if !needed.isEmpty {
                produce(needed, from: input)
                produced = needed.upperBound
            }
            let window = (strip.count - 1) * stride + 3
            for index in 0..<window { unsafe pointers[index] = row(top + index) }
            let blocks = block.depthwise.weights.blocks
            let view = unsafe PanelView(base: panel, rows: strip.count, width: block.outputWidth, blocks: blocks)
            unsafe block.depthwise(
                QuadRows(pointers: pointers, count: window, width: block.innerWidth, blocks: blocks), into: view)
            block.projection(
                view, into: output.subrows(strip),
                adding: block.skip.flatMap { skip in
                    skipInput.map {
                        SkipInput(pixels: $0.subrows(strip), zeroPoint: skip.zeroPoint, multiplier: skip.multiplier)
                    }
                })
        }

        private func produce(_ rows: Range<Int>, from input: Input) {
            for (index, y) in rows.enumerated() { unsafe pointers[index] = row(y) }
            let quads = unsafe QuadRows(
                pointers: pointers, count: rows.count, width: block.innerWidth, blocks: block.depthwise.weights.blocks)
            switch (block.producer, input) {
            case (.stem(let layer), .picture(let picture)): layer(picture, firstRow: rows.lowerBound, into: quads)
            case (.pointwise(let layer), .pixels(let pixels)): layer(pixels.subrows(rows), into: quads)
            case (.interleave(let layer), .pixels(let pixels)): layer(pixels.subrows(rows), into: quads)
            default: preconditionFailure("a stem reads a picture, everything else pixels")
            }
        }
    }
}
