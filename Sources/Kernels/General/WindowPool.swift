internal import CKernels

/// A maximum or a mean of any window.
package struct WindowPool: Sendable {
    package let kernel: Kernel
    package let geometry: WindowGeometry
    /// Logical.
    private let inputZeroPoint: Int8
    /// Of a mean over 1, 2, ... pixels inside; empty for a maximum.
    private let multipliers: [Float]
    package let output: OutputRange

    /// - Parameters:
    ///   - kernel: of `.windowPool`.
    ///   - multipliers: one for every number of pixels inside; empty for a maximum.
    package init(
        kernel: Kernel, geometry: WindowGeometry, inputZeroPoint: Int8, multipliers: [Float], output: OutputRange
    ) {
        precondition(kernel.operation == .windowPool)
        precondition(multipliers.isEmpty || multipliers.count == geometry.taps)
        self.kernel = kernel
        self.geometry = geometry
        self.inputZeroPoint = inputZeroPoint
        self.multipliers = multipliers
        self.output = output
    }

    /// - Parameters:
    ///   - rows: output rows to compute.
    ///   - destination: those rows.
    package func callAsFunction(_ rows: Range<Int>, _ input: PixelsView, into destination: PixelsView) {
        precondition(destination.channels == input.channels)
        precondition(destination.rows == rows.count && destination.width == geometry.outputWidth)
        unsafe multipliers.withUnsafeBufferPointer { multipliers in
            var args = unsafe tsr_window_pool_args(
                window: geometry.c(WindowSource(input), rows: rows), channels: Int32(input.channels),
                is_mean: !multipliers.isEmpty, input_zero_point: Int32(inputZeroPoint),
                multiplier: multipliers.baseAddress, output: output.c(SumPromises()), out: destination.base,
                out_row_stride: destination.rowStride, out_pixel_stride: destination.pixelStride)
            var count: Int32 = 0
            unsafe tsr_window_pool_table(&count)[kernel.row].run(&args)
        }
    }
}
