internal import CKernels

/// A depthwise convolution of any window, pixels into pixels.
package struct WindowDepthwise: Sendable {
    package let kernel: Kernel
    package let geometry: WindowGeometry
    package let output: OutputRange
    /// [taps][channels]
    private let weights: [Int8]
    /// [channels], less what the offset of stored bytes adds.
    private let bias: [Int32]
    private let multipliers: [Float]
    /// [channels]
    private let padding: [UInt8]

    /// - Parameters:
    ///   - kernel: of `.windowDepthwise`.
    ///   - weights: [channels, taps] in [-127, 127].
    package init(
        kernel: Kernel, geometry: WindowGeometry, weights: [Int8], params: ChannelParams, output: OutputRange
    ) {
        precondition(kernel.operation == .windowDepthwise)
        let (channels, taps) = (params.bias.count, geometry.taps)
        precondition(weights.count == channels * taps)
        self.kernel = kernel
        self.geometry = geometry
        self.output = output
        var transposed = [Int8](repeating: 0, count: weights.count)
        var bias = params.bias
        let offset = Int32(Int(params.inputZeroPoint) + StoredByte.bias)
        for c in 0..<channels {
            for tap in 0..<taps {
                transposed[tap * channels + c] = weights[c * taps + tap]
                bias[c] &-= offset * Int32(weights[c * taps + tap])
            }
        }
        self.weights = transposed
        self.bias = bias
        multipliers = params.multipliers
        padding = [UInt8](repeating: StoredByte.encode(params.inputZeroPoint), count: channels)
    }

    package var channels: Int { bias.count }
    package var weightBytes: Int { weights.count + 8 * bias.count }

    /// - Parameters:
    ///   - rows: output rows to compute.
    ///   - destination: those rows.
    package func callAsFunction(_ rows: Range<Int>, _ input: PixelsView, into destination: PixelsView) {
        precondition(input.channels == channels && destination.channels == channels)
        precondition(destination.rows == rows.count && destination.width == geometry.outputWidth)
        unsafe padding.withUnsafeBufferPointer { padding in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe multipliers.withUnsafeBufferPointer { multipliers in
                        var args = unsafe tsr_window_depthwise_args(
                            window: geometry.c(WindowSource(input), rows: rows), channels: Int32(channels),
                            padding: padding.baseAddress, weights: weights.baseAddress, bias: bias.baseAddress,
                            multiplier: multipliers.baseAddress, output: output.c(SumPromises()),
                            out: destination.base, out_row_stride: destination.rowStride,
                            out_pixel_stride: destination.pixelStride)
                        var count: Int32 = 0
                        unsafe tsr_window_depthwise_table(&count)[kernel.row].run(&args)
                    }
                }
            }
        }
    }
}
