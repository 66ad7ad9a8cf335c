internal import CKernels

// Layers without a block structure of their own: interleave, global average pool, dense.

/// Copies pixels into quads for a depthwise layer whose input no pointwise layer produces.
package struct InterleaveLayer: Sendable {
    package let kernel: Kernel
    /// Logical zero point of the bytes, for padding.
    package let zeroPoint: Int8

    /// - Parameter kernel: of `.interleave`.
    package init(kernel: Kernel, zeroPoint: Int8) {
        precondition(kernel.operation == .interleave)
        self.kernel = kernel
        self.zeroPoint = zeroPoint
    }

    package func callAsFunction(_ input: PixelsView, into rows: QuadRows) {
        precondition(rows.count == input.rows && rows.width == input.width)
        precondition(rows.blocks == QuadLayout.blocks(channels: input.channels))
        var args = unsafe tsr_interleave_args(
            in: input.c, channels: Int32(input.channels), blocks: Int32(rows.blocks), zero_point: Int32(zeroPoint),
            out_rows: UnsafePointer(rows.pointers), out_block_stride: rows.blockStride)
        var count: Int32 = 0
        unsafe tsr_interleave_table(&count)[kernel.row].run(&args)
    }
}

/// Mean over all pixels of each channel.
package struct PoolLayer: Sendable {
    package let kernel: Kernel
    /// Logical zero point of the input.
    package let inputZeroPoint: Int8
    /// s_in / (s_out * pixels).
    package let multiplier: Float
    package let output: OutputRange

    /// - Parameter kernel: of `.globalAveragePool`.
    package init(kernel: Kernel, inputZeroPoint: Int8, multiplier: Float, output: OutputRange) {
        precondition(kernel.operation == .globalAveragePool)
        self.kernel = kernel
        self.inputZeroPoint = inputZeroPoint
        self.multiplier = multiplier
        self.output = output
    }

    /// - Parameter output: one pixel with the input's channels. Rows of the input are contiguous.
    package func callAsFunction(_ input: PixelsView, into destination: PixelsView) {
        precondition(input.rowStride == input.width * input.pixelStride, "rows are contiguous")
        precondition(destination.rows * destination.width == 1 && destination.channels == input.channels)
        let pixels = input.rows * input.width
        var args = unsafe tsr_pool_args(
            in: input.base, pixel_stride: input.pixelStride, pixels: Int32(pixels), channels: Int32(input.channels),
            bias: Int32(-pixels * (Int(inputZeroPoint) + StoredByte.bias)), multiplier: multiplier,
            output: output.c(SumPromises()),
            out: destination.base)
        var count: Int32 = 0
        unsafe tsr_pool_table(&count)[kernel.row].run(&args)
    }
}

/// The last layer: real logits.
package struct DenseLayer: Sendable {
    package let kernel: Kernel
    package let weights: PackedWeights
    package let inputs: Int

    package var channels: Int { weights.channels }

    /// - Parameters:
    ///   - kernel: of `.dense`.
    ///   - weights: [channels, inputs] in [-127, 127].
    package init(kernel: Kernel, channels: Int, inputs: Int, weights: [Int8], params: ChannelParams) {
        precondition(kernel.operation == .dense)
        self.kernel = kernel
        self.weights = .pointwise(kernel.packing, channels: channels, inputs: inputs, weights: weights, params: params)
        self.inputs = inputs
    }

    /// - Parameters:
    ///   - input: one pixel.
    ///   - logits: [channels], overwritten.
    package func callAsFunction(_ input: PixelsView, into logits: inout MutableSpan<Float>) {
        precondition(input.rows * input.width == 1 && input.channels == inputs && logits.count == channels)
        unsafe logits.withUnsafeMutableBufferPointer { logits in
            var args = unsafe tsr_dense_args(
                in: input.base, runs: Int32((inputs + 3) / 4), weights: weights.pointer, channels: Int32(channels),
                out: logits.baseAddress)
            var count: Int32 = 0
            unsafe tsr_dense_table(&count)[kernel.row].run(&args)
        }
    }
}
