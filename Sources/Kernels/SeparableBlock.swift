/// A depthwise-separable block fused on row strips: producer -> depthwise 3x3 -> projection, with an optional skip.
///
/// The tensor between producer and depthwise layer is the largest of the network (8.1 MiB of traffic a frame in SM_V2)
/// and never exists as a whole: a strip of output rows needs `stride * rows + 2` of its rows, which live in a ring that
/// stays in the first-level or second-level cache, in the layout the depthwise kernel wants. Rows that two strips share
/// are computed once a worker.
///
/// Workers share a block in one of two ways, with the same output bits: each takes rows and does all three layers of
/// them (`run`), or each takes channels up to the depthwise layer and then, when all have done so, a part of the
/// projection (`filter`, `project`). `BlockSharing` says which.
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

    private var panelBytes: Int {
        PanelView.byteCount(rows: stripRows, width: outputWidth, blocks: depthwise.weights.blocks)
    }

    /// Bytes one worker needs while it runs this block: the ring, one row of padding, the panel, the row pointers.
    package var scratchBytes: Int {
        let row = QuadLayout.rowBytes(width: innerWidth, channels: depthwise.channels)
        return (windowRows + 1) * row + panelBytes + windowRows * MemoryLayout<UInt>.stride  // row pointers
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
        let blocks = 0..<depthwise.weights.blocks
        let memory = unsafe scratch.base
        var strips = unsafe StripRunner(self, blocks: blocks, ring: memory + panelBytes)
        for strip in self.strips(of: rows) {
            let panel = unsafe PanelView(base: memory, rows: strip.count, width: outputWidth, blocks: blocks.count)
            strips.run(strip, from: input, into: panel)
            projection(panel, into: output.subrows(strip), adding: skipInput.flatMap { skipPart($0.subrows(strip)) })
        }
    }

    /// The first half of sharing by channels: some blocks of the tensor between depthwise layer and projection.
    /// - Parameters:
    ///   - blocks: blocks of 16 channels; not empty.
    ///   - panel: the whole tensor, of which other workers write other blocks at the same time.
    ///   - scratch: as for `run`.
    package func filter(
        _ blocks: Range<Int>, from input: Input, into panel: PanelView, scratch: borrowing WorkerScratch
    ) {
        precondition(scratch.byteCount >= scratchBytes)
        precondition(panel.rows == outputHeight && panel.blocks == depthwise.weights.blocks)
        var strips = unsafe StripRunner(self, blocks: blocks, ring: scratch.base)
        for strip in self.strips(of: 0..<outputHeight) {
            strips.run(strip, from: input, into: panel.part(rows: strip, blocks: blocks))
        }
    }

    /// The second half: some rows of some channels of the output, once every worker has returned from `filter`.
    /// - Parameters:
    ///   - part: rows, and blocks of 16 output channels; neither empty.
    ///   - skipInput: as for `run`.
    package func project(
        _ part: BlockSharing.Part, of panel: PanelView, adding skipInput: PixelsView?, into output: PixelsView
    ) {
        precondition((skip == nil) == (skipInput == nil))
        let size = QuadLayout.blockChannels
        let channels = part.blocks.lowerBound * size..<min(part.blocks.upperBound * size, projection.channels)
        projection(
            panel.part(rows: part.rows, blocks: 0..<panel.blocks),
            into: output.subrows(part.rows).subchannels(channels),
            adding: skipInput.flatMap { skipPart($0.subrows(part.rows).subchannels(channels)) },
            firstBlock: part.blocks.lowerBound)
    }

    private func strips(of rows: Range<Int>) -> some Sequence<Range<Int>> {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= outputHeight)
        return stride(from: rows.lowerBound, to: rows.upperBound, by: stripRows).lazy.map {
            $0..<min($0 + stripRows, rows.upperBound)
        }
    }

    private func skipPart(_ pixels: PixelsView) -> SkipInput? {
        skip.map { SkipInput(pixels: pixels, zeroPoint: $0.zeroPoint, multiplier: $0.multiplier) }
    }
}
