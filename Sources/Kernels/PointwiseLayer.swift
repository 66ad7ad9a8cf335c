internal import CKernels

/// A 1x1 convolution ready to run, with the kernel that was chosen for it.
package struct PointwiseLayer: Sendable {
    package let kernel: Kernel
    package let weights: PackedWeights
    /// Input channels.
    package let inputs: Int
    package let output: OutputRange

    /// Output channels.
    package var channels: Int { weights.channels }

    /// - Parameters:
    ///   - kernel: of `.pointwiseToQuads` or `.pointwiseToPixels`; decides the packing and which call is allowed.
    ///   - weights: [channels, inputs] in [-127, 127].
    package init(
        kernel: Kernel, channels: Int, inputs: Int, weights: [Int8], params: ChannelParams, output: OutputRange
    ) {
        precondition(kernel.operation == .pointwiseToQuads || kernel.operation == .pointwiseToPixels)
        precondition(inputs <= 4 * Int(TSR_RUNS_LIMIT), "a model has no wider layer")
        self.kernel = kernel
        self.weights = .pointwise(kernel.packing, channels: channels, inputs: inputs, weights: weights, params: params)
        self.inputs = inputs
        self.output = output
    }

    /// Writes every group of every block of the rows; slots beyond the width get the zero point.
    /// - Parameter firstBlock: the block of 16 output channels that `rows` begin with; they hold so many as they have.
    package func callAsFunction(_ input: PixelsView, into rows: QuadRows, firstBlock: Int = 0) {
        precondition(kernel.operation == .pointwiseToQuads && input.channels == inputs)
        precondition(rows.count == input.rows && rows.width == input.width)
        var args = unsafe tsr_pointwise_quads_args(
            in: input.c, weights: weights.pointer(firstBlock: firstBlock, blocks: rows.blocks),
            blocks: Int32(rows.blocks), output: output.c(weights.sums),
            out_rows: UnsafePointer(rows.pointers), out_block_stride: rows.blockStride)
        var count: Int32 = 0
        unsafe tsr_pointwise_quads_table(&count)[kernel.row].run(&args)
    }

    /// Writes exactly `channels` bytes of each pixel.
    package func callAsFunction(_ input: PixelsView, into output: PixelsView, adding skip: SkipInput? = nil) {
        precondition(input.channels == inputs && input.rows == output.rows && input.width == output.width)
        unsafe run(input.c, into: output, adding: skip)
    }

    /// Writes exactly the output's channels of each pixel: all, or those of some blocks.
    /// - Parameter firstBlock: the block of 16 output channels that `output`, and the skip, begin with.
    package func callAsFunction(
        _ input: PanelView, into output: PixelsView, adding skip: SkipInput? = nil, firstBlock: Int = 0
    ) {
        precondition(inputs <= 16 * input.blocks && input.rows == output.rows && input.width == output.width)
        unsafe run(input.c(inputs: inputs), into: output, adding: skip, firstBlock: firstBlock)
    }

    private func run(
        _ input: tsr_pixels, into destination: PixelsView, adding skip: SkipInput?, firstBlock: Int = 0
    ) {
        precondition(kernel.operation == .pointwiseToPixels)
        let first = firstBlock * QuadLayout.blockChannels
        let blocks = QuadLayout.blocks(channels: destination.channels)
        precondition(destination.channels == min(channels - first, blocks * QuadLayout.blockChannels))
        if let skip {
            precondition(skip.pixels.rows == destination.rows && skip.pixels.width == destination.width)
            precondition(skip.pixels.rowStride == destination.rowStride)
            precondition(skip.pixels.channels == destination.channels)
            precondition(skip.pixels.pixelStride == destination.pixelStride)
        }
        var args = unsafe tsr_pointwise_pixels_args(
            in: input, weights: weights.pointer(firstBlock: firstBlock, blocks: blocks),
            channels: Int32(destination.channels),
            output: output.c(weights.sums), out: destination.base,
            out_row_stride: destination.rowStride, out_pixel_stride: destination.pixelStride,
            skip: skip.map { unsafe UnsafePointer($0.pixels.base) }, skip_zero_point: Int32(skip?.zeroPoint ?? 0),
            skip_multiplier: skip?.multiplier ?? 0)
        var count: Int32 = 0
        unsafe tsr_pointwise_pixels_table(&count)[kernel.row].run(&args)
    }
}

/// The other summand of a projection with a skip.
package struct SkipInput {
    /// Same geometry and strides as the output.
    package let pixels: PixelsView
    /// Logical.
    package let zeroPoint: Int8
    /// s_skip / s_out.
    package let multiplier: Float

    package init(pixels: PixelsView, zeroPoint: Int8, multiplier: Float) {
        self.pixels = pixels
        self.zeroPoint = zeroPoint
        self.multiplier = multiplier
    }
}
