internal import CKernels

/// A 3x3 depthwise convolution with padding 1, stride 1 or 2, ready to run.
package struct DepthwiseLayer: Sendable {
    package let kernel: Kernel
    package let weights: PackedWeights
    /// Step between outputs, in rows and columns: 1 or 2.
    package let stride: Int
    package let output: OutputRange

    package var channels: Int { weights.channels }

    /// - Parameters:
    ///   - kernel: of `.depthwise3x3Stride1` or `.depthwise3x3Stride2`; decides stride and packing.
    ///   - weights: [channels, 3, 3] in [-127, 127].
    package init(kernel: Kernel, channels: Int, weights: [Int8], params: ChannelParams, output: OutputRange) {
        precondition(kernel.operation == .depthwise3x3Stride1 || kernel.operation == .depthwise3x3Stride2)
        self.kernel = kernel
        self.stride = kernel.operation == .depthwise3x3Stride1 ? 1 : 2
        self.weights = .depthwise3x3(
            kernel.packing, stride: stride, channels: channels, weights: weights, params: params)
        self.output = output
    }

    /// Output extent for an input extent, with padding 1: ceil(extent / stride).
    package func outputExtent(_ extent: Int) -> Int { (extent - 1) / stride + 1 }

    /// - Parameters:
    ///   - rows: the `(panel.rows - 1) * stride + 3` input rows from the one above the first output's centre.
    ///   - firstBlock: the block of 16 channels that `rows` and `panel` begin with; they hold so many blocks as they have.
    package func callAsFunction(_ rows: QuadRows, into panel: PanelView, firstBlock: Int = 0) {
        precondition(rows.count >= (panel.rows - 1) * stride + 3 && panel.width == outputExtent(rows.width))
        precondition(rows.blocks == panel.blocks)
        unsafe UnsafeMutableRawPointer(rows.pointers).withMemoryRebound(
            to: UnsafePointer<UInt8>?.self, capacity: rows.count
        ) { pointers in
            var args = unsafe tsr_depthwise3x3_args(
                rows: pointers, block_stride: rows.blockStride,
                weights: weights.pointer(firstBlock: firstBlock, blocks: rows.blocks), blocks: Int32(rows.blocks),
                output: output.c(weights.sums), out_rows: Int32(panel.rows),
                out_groups: Int32(panel.groups), out: panel.base, out_group_stride: panel.groupStride,
                out_row_stride: panel.rowStride)
            var count: Int32 = 0
            if stride == 1 {
                unsafe tsr_depthwise3x3s1_table(&count)[kernel.row].run(&args)
            } else {
                unsafe tsr_depthwise3x3s2_table(&count)[kernel.row].run(&args)
            }
        }
    }
}
