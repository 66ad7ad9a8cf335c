/// One worker's pass over consecutive strips of a fused block: producer and depthwise layer, for some of the channels.
@safe struct StripRunner {
    private let block: SeparableBlock
    /// Blocks of 16 channels that are made.
    private let blocks: Range<Int>
    private let ring: UnsafeMutablePointer<UInt8>
    private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>
    private let rowBytes: Int
    /// Next row that the producer has to make; rows below it are in the ring or no longer needed.
    private var produced = 0

    /// - Parameter ring: memory for `windowRows + 1` rows of the blocks and `windowRows` pointers, 64-byte aligned, valid
    ///   as long as the runner is used.
    @unsafe init(_ block: SeparableBlock, blocks: Range<Int>, ring: UnsafeMutablePointer<UInt8>) {
        self.block = block
        self.blocks = blocks
        unsafe self.ring = ring
        rowBytes = blocks.count * QuadLayout.blockStride(width: block.innerWidth)
        unsafe pointers = UnsafeMutableRawPointer(ring + (block.windowRows + 1) * rowBytes)
            .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
        clearPadding()
    }

    /// Fills the pad cells at both ends of every block's row, and the whole row that stands for those outside.
    private func clearPadding() {
        let blockStride = QuadLayout.blockStride(width: block.innerWidth)
        let cell = QuadLayout.cellBytes
        for start in stride(from: 0, to: block.windowRows * rowBytes, by: blockStride) {
            unsafe (ring + start).update(repeating: block.padding, count: cell)
            unsafe (ring + start + blockStride - cell).update(repeating: block.padding, count: cell)
        }
        unsafe (ring + block.windowRows * rowBytes).update(repeating: block.padding, count: rowBytes)
    }

    /// Group 0 of the first block of a row of the tensor between producer and depthwise layer.
    private func row(_ y: Int) -> UnsafeMutablePointer<UInt8> {
        let slot = y < 0 || y >= block.innerHeight ? block.windowRows : y % block.windowRows
        return unsafe ring + slot * rowBytes + QuadLayout.cellBytes
    }

    /// Makes the rows of a strip. Strips come in rising order.
    /// - Parameter panel: the strip's rows and the runner's blocks.
    mutating func run(_ strip: Range<Int>, from input: SeparableBlock.Input, into panel: PanelView) {
        let stride = block.depthwise.stride
        let top = strip.lowerBound * stride - 1
        let needed = max(produced, max(0, top))..<min(block.innerHeight, (strip.upperBound - 1) * stride + 2)
        if !needed.isEmpty {
            produce(needed, from: input)
            produced = needed.upperBound
        }
        let window = (strip.count - 1) * stride + 3
        for index in 0..<window { unsafe pointers[index] = row(top + index) }
        block.depthwise(quads(rows: window), into: panel, firstBlock: blocks.lowerBound)
    }

    private func produce(_ rows: Range<Int>, from input: SeparableBlock.Input) {
        for (index, y) in rows.enumerated() { unsafe pointers[index] = row(y) }
        let quads = quads(rows: rows.count)
        let first = blocks.lowerBound
        switch (block.producer, input) {
        case (.stem(let layer), .picture(let picture)):
            precondition(blocks.count == block.depthwise.weights.blocks, "a stem makes all channels")
            layer(picture, firstRow: rows.lowerBound, into: quads)
        case (.pointwise(let layer), .pixels(let pixels)): layer(pixels.subrows(rows), into: quads, firstBlock: first)
        case (.interleave(let layer), .pixels(let pixels)):
            let size = QuadLayout.blockChannels
            let channels = first * size..<min(blocks.upperBound * size, pixels.channels)
            layer(pixels.subrows(rows).subchannels(channels), into: quads)
        default: preconditionFailure("a stem reads a picture, everything else pixels")
        }
    }

    private func quads(rows: Int) -> QuadRows {
        unsafe QuadRows(pointers: pointers, count: rows, width: block.innerWidth, blocks: blocks.count)
    }
}
