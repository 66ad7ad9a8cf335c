internal import CKernels

// Layers that work byte by byte: tables, sums, products, channel moves. All take tensors whose rows are contiguous.

/// Any function of one byte.
package struct TableLayer: Sendable {
    package let kernel: Kernel
    /// Stored byte of every stored byte.
    private let table: [UInt8]

    /// - Parameters:
    ///   - kernel: of `.lookup`.
    ///   - table: logical output bytes of the logical input bytes -128...127.
    package init(kernel: Kernel, table: [Int8]) {
        precondition(kernel.operation == .lookup && table.count == 256)
        self.kernel = kernel
        self.table = (0..<256).map { stored in
            StoredByte.encode(table[Int(StoredByte.decode(UInt8(stored))) + 128])
        }
    }

    /// - Parameter destination: of the input's geometry; may be the input.
    package func callAsFunction(_ input: PixelsView, into destination: PixelsView) {
        precondition(input.isContiguous && destination.isContiguous && input.channels == destination.channels)
        precondition(input.rows == destination.rows && input.width == destination.width)
        unsafe table.withUnsafeBufferPointer { table in
            var args = unsafe tsr_table_args(
                in: input.base, in_stride: input.pixelStride, out: destination.base,
                out_stride: destination.pixelStride, pixels: Int32(input.rows * input.width),
                channels: Int32(input.channels), table: table.baseAddress)
            var count: Int32 = 0
            unsafe tsr_lookup_table(&count)[kernel.row].run(&args)
        }
    }
}

/// Sum or product of two tensors.
package struct PairLayer: Sendable {
    package let kernel: Kernel
    /// Zero points, logical.
    package let zeroPoints: (Int8, Int8)
    /// Of both summands; of a product the first counts.
    package let multipliers: (Float, Float)
    package let output: OutputRange

    /// - Parameter kernel: of `.sum` or `.product`.
    package init(kernel: Kernel, zeroPoints: (Int8, Int8), multipliers: (Float, Float), output: OutputRange) {
        precondition(kernel.operation == .sum || kernel.operation == .product)
        self.kernel = kernel
        self.zeroPoints = zeroPoints
        self.multipliers = multipliers
        self.output = output
    }

    /// - Parameters:
    ///   - first: of the destination's geometry.
    ///   - second: the same, or one pixel, which counts for all.
    package func callAsFunction(_ first: PixelsView, _ second: PixelsView, into destination: PixelsView) {
        precondition(first.isContiguous && second.isContiguous && destination.isContiguous)
        precondition(first.rows == destination.rows && first.width == destination.width)
        precondition(first.channels == destination.channels && second.channels == destination.channels)
        let isBroadcast = second.rows * second.width == 1
        precondition(isBroadcast || (second.rows == first.rows && second.width == first.width))
        var args = unsafe tsr_pair_args(
            a: first.base, b: second.base, a_stride: first.pixelStride, b_stride: isBroadcast ? 0 : second.pixelStride,
            pixels: Int32(first.rows * first.width), channels: Int32(first.channels),
            a_zero_point: Int32(zeroPoints.0), b_zero_point: Int32(zeroPoints.1), a_multiplier: multipliers.0,
            b_multiplier: multipliers.1, output: output.c(SumPromises()), out: destination.base,
            out_stride: destination.pixelStride)
        var count: Int32 = 0
        if kernel.operation == .sum {
            unsafe tsr_sum_table(&count)[kernel.row].run(&args)
        } else {
            unsafe tsr_product_table(&count)[kernel.row].run(&args)
        }
    }
}

/// Channels copied, in another order or several times, or the largest of each group.
package enum ChannelMove: Hashable, Sendable {
    case copy
    case shuffle(groups: Int)
    case repeated(copies: Int)
    case groupMaximum(size: Int)

    /// - Parameter destination: of the input's rows and columns.
    package func callAsFunction(_ input: PixelsView, into destination: PixelsView) {
        precondition(input.isContiguous && destination.isContiguous)
        precondition(input.rows == destination.rows && input.width == destination.width)
        let (inputs, outputs) = (input.channels, destination.channels)
        let size: Int
        switch self {
        case .copy:
            precondition(inputs == outputs)
            size = 1
        case .shuffle(let groups):
            precondition(inputs == outputs && outputs % groups == 0)
            size = groups
        case .repeated(let copies):
            precondition(outputs == inputs * copies)
            size = copies
        case .groupMaximum(let group):
            precondition(inputs == outputs * group)
            size = group
        }
        var args = unsafe tsr_move_args(
            in: input.base, in_stride: input.pixelStride, out: destination.base, out_stride: destination.pixelStride,
            pixels: Int32(input.rows * input.width), channels: Int32(outputs), size: Int32(size))
        switch self {
        case .copy: unsafe tsr_copy(&args)
        case .shuffle: unsafe tsr_shuffle(&args)
        case .repeated: unsafe tsr_repeat(&args)
        case .groupMaximum: unsafe tsr_group_maximum(&args)
        }
    }
}
