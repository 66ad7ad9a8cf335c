package import Kernels
package import Tensors

/// A network made ready for one CPU: kernels chosen, blocks fused, weights packed, every tensor given its place in one
/// arena. Immutable; any number of sessions may run it.
package struct Plan: Sendable {
    /// The network's name, such as `sm_v2`.
    package let network: String
    /// Input extent, height x width x 3.
    package let input: Shape
    /// Number of logits.
    package let outputs: Int
    /// Executed in order, with a barrier between two.
    package let steps: [Step]
    /// Bytes of activations in the arena.
    package let activationBytes: Int
    /// Features the kernels were chosen for.
    package let features: CPUFeatures
    /// Multiply-accumulates of one inference.
    package let macs: Int

    /// Bytes of scratch that each worker needs.
    package var scratchBytes: Int { steps.map(\.scratchBytes).max() ?? 0 }

    /// Bytes of packed weights.
    package var weightBytes: Int { steps.reduce(0) { $0 + $1.weightBytes } }

    /// Name of the highest step of the kernel ladder that any kernel of the plan uses, such as `avx512-vnni`.
    package var isa: String {
        let needs = steps.flatMap(\.kernels).reduce(into: CPUFeatures()) { $0.formUnion($1.needs) }
        return needs.highestStep
    }
}

/// One unit of work between two barriers.
package struct Step: Sendable {
    package enum Work: Sendable {
        case block(SeparableBlock)
        case pointwise(PointwiseLayer, skip: SkipScale?)
        case pool(PoolLayer)
        case dense(DenseLayer)
        case convolution(WindowConvolution)
        case depthwise(WindowDepthwise)
        case windowPool(WindowPool)
        case table(TableLayer)
        /// Sum or product; the second operand is where a skip would be.
        case pair(PairLayer)
        case move(ChannelMove)
    }

    /// Zero point and multiplier of a tensor that is added.
    package struct SkipScale: Sendable {
        package let zeroPoint: Int8
        package let multiplier: Float
    }

    package struct Channels: Hashable, Sendable {
        package let source: Range<Int>
        package let skip: Range<Int>
        package let destination: Range<Int>
    }

    /// Names of the graph's nodes that the step computes, joined by ` + `.
    package let name: String
    package let work: Work
    /// Where the step reads; nil is the input picture.
    package let source: Placement?
    /// Where the tensor to add lies.
    package let skip: Placement?
    /// Where the step writes; nil are the logits.
    package let destination: Placement?
    /// The channels of those tensors that belong to the step.
    package let channels: Channels
    /// Applied to every output byte while it is near the core.
    package let table: TableLayer?
    /// Where workers hand over a block that they share by channels; nil where they never do.
    package let panel: Placement?
    /// How so many workers share the step, by their number; beyond its end by rows.
    let sharings: [BlockSharing]
    /// Multiply-accumulates.
    package let macs: Int

    /// Rows of output that workers may share out among them; 1 where one worker does it all.
    package var sharedRows: Int {
        switch work {
        case .block(let block): block.outputHeight
        case .pointwise, .convolution, .depthwise, .windowPool, .table, .pair, .move: destination?.shape.height ?? 1
        case .pool, .dense: 1
        }
    }

    /// Whether more than one worker can take part.
    package var isShared: Bool { sharedRows > 1 || panel != nil }

    /// How workers share the step; estimated once, when the plan is made.
    package func sharing(workers: Int) -> BlockSharing { workers < sharings.count ? sharings[workers] : .rows }

    package var scratchBytes: Int {
        switch work {
        case .block(let block): block.scratchBytes
        case .convolution(let layer): layer.scratchBytes
        case .pointwise, .pool, .dense, .depthwise, .windowPool, .table, .pair, .move: 0
        }
    }

    package var weightBytes: Int {
        switch work {
        case .block(let block):
            switch block.producer {
            case .stem(let layer): layer.weights.byteCount + block.tailBytes
            case .pointwise(let layer): layer.weights.byteCount + block.tailBytes
            case .interleave: block.tailBytes
            }
        case .pointwise(let layer, _): layer.weights.byteCount
        case .dense(let layer): layer.weights.byteCount
        case .convolution(let layer): layer.weightBytes
        case .depthwise(let layer): layer.weightBytes
        case .pool, .windowPool, .table, .pair, .move: 0
        }
    }

    /// The kernels the step calls, in order.
    package var kernels: [Kernel] { workKernels + (table.map { [$0.kernel] } ?? []) }

    private var workKernels: [Kernel] {
        switch work {
        case .block(let block):
            switch block.producer {
            case .stem(let layer): [layer.kernel, block.depthwise.kernel, block.projection.kernel]
            case .pointwise(let layer): [layer.kernel, block.depthwise.kernel, block.projection.kernel]
            case .interleave(let layer): [layer.kernel, block.depthwise.kernel, block.projection.kernel]
            }
        case .pointwise(let layer, _): [layer.kernel]
        case .pool(let layer): [layer.kernel]
        case .dense(let layer): [layer.kernel]
        case .convolution(let layer): [layer.kernel]
        case .depthwise(let layer): [layer.kernel]
        case .windowPool(let layer): [layer.kernel]
        case .table(let layer): [layer.kernel]
        case .pair(let layer): [layer.kernel]
        case .move: []
        }
    }
}

extension SeparableBlock {
    fileprivate var tailBytes: Int { depthwise.weights.byteCount + projection.weights.byteCount }
}

/// Where a tensor lies in the arena while it is alive.
package struct Placement: Hashable, Sendable {
    /// Bytes from the arena's start; a multiple of 64.
    package let offset: Int
    package let shape: Shape
    /// First and last step that touch it.
    package let lifetime: ClosedRange<Int>

    package init(offset: Int, shape: Shape, lifetime: ClosedRange<Int>) {
        self.offset = offset
        self.shape = shape
        self.lifetime = lifetime
    }

    package var byteCount: Int { Placement.byteCount(of: shape) }

    /// NHWC with the channels rounded up to 4, the whole rounded up to a cache line.
    package static func byteCount(of shape: Shape) -> Int {
        (shape.pixels * PixelsView.stride(channels: shape.channels) + 63) / 64 * 64
    }
}
