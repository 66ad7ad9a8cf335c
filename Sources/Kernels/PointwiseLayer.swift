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
    package func callAsFunction(_ input: PixelsView, into rows: QuadRows) {
        precondition(kernel.operation == .pointwiseToQuads && input.channels == inputs)
        precondition(rows.count == input.rows && rows.width == input.width && rows.blocks == weights.blocks)
        var args = unsafe tsr_pointwise_quads_args(
            in: input.c, weights: weights.pointer, blocks: Int32(weights.blocks),
            output: output.c(smallSums: weights.smallSums),
            out_rows: UnsafePointer(rows.pointers), out_block_stride: rows.blockStride)
        var count: Int32 = 0
        unsafe tsr_pointwise_quads_table(&count)[kernel.row].run(&args)
    }

    /// Writes exactly `channels` bytes of each pixel.
    package func callAsFunction(_ input: PixelsView, into output: PixelsView, adding skip: SkipInput? = nil) {
        precondition(input.channels == inputs && input.rows == output.rows && input.width == output.width)
        unsafe run(input.c, into: output, adding: skip)
    }

    /// Writes exactly `channels` bytes of each pixel.
    package func callAsFunction(_ input: PanelView, into output: PixelsView, adding skip: SkipInput? = nil) {
        precondition(inputs <= 16 * input.blocks && input.rows == output.rows && input.width == output.width)
        unsafe run(input.c(inputs: inputs), into: output, adding: skip)
    }

    private func run(_ input: tsr_pixels, into destination: PixelsView, adding skip: SkipInput?) {
        precondition(kernel.operation == .pointwiseToPixels && destination.channels == channels)
        if let skip {
            precondition(skip.pixels.rows == destination.rows && skip.pixels.width == destination.width)
            precondition(skip.pixels.rowStride == destination.rowStride && skip.pixels.channels == channels)
            precondition(skip.pixels.pixelStride == destination.pixelStride)
        }
        var args = unsafe tsr_pointwise_pixels_args(
            in: input, weights: weights.pointer, channels: Int32(channels),
            output: output.c(smallSums: weights.smallSums), out: destination.base,
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
