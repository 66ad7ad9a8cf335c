/// How the workers of a team share a fused block.
///
/// By rows nothing is handed over, but neighbours both make the rows around their seam, and 7 rows do not halve: two
/// workers take 0.63 of one's time in the last block of SM_V2, not 0.5. By channels the work halves evenly, at the price
/// of one more barrier and of a tensor that travels between two cores' caches.
package enum BlockSharing: String, Hashable, Sendable {
    case rows
    case channels

    /// A worker's part of the projection under `.channels`.
    package struct Part: Hashable, Sendable {
        package let rows: Range<Int>
        /// Blocks of 16 output channels.
        package let blocks: Range<Int>

        package var isEmpty: Bool { rows.isEmpty || blocks.isEmpty }
    }

    /// What a barrier and the hand-over of a panel cost, in multiply-accumulates: about a microsecond of an AVX-512 core.
    /// A slower core loses fewer of its own.
    static let handOver = 400_000.0
    /// What making one value costs besides its products (requantizing, storing), in multiply-accumulates.
    static let valueCost = 32.0
    /// Larger panels than this would crowd a second-level cache and make the arena larger; their many rows halve well.
    static let panelLimit = 128 << 10

    /// Worker `index`'s share of `count` things among `workers`, none empty while there are enough.
    package static func share(_ count: Int, worker index: Int, of workers: Int) -> Range<Int> {
        count * index / workers..<count * (index + 1) / workers
    }

    /// The same for blocks of channels; kernels take them in pairs.
    static func pairs(_ blocks: Int, worker index: Int, of workers: Int) -> Range<Int> {
        let pairs = share((blocks + 1) / 2, worker: index, of: workers)
        return 2 * pairs.lowerBound..<min(2 * pairs.upperBound, blocks)
    }
}

extension SeparableBlock {
    /// How `workers` workers share the block: the quicker way by an estimate from its shape alone, so that a plan is the
    /// same on every machine. One worker has nothing to share and takes all rows.
    package func sharing(workers: Int) -> BlockSharing {
        guard workers > 1, canShareChannels else { return .rows }
        return costByChannels(workers: workers) < costByRows(workers: workers) ? .channels : .rows
    }

    /// Bytes of the panel that workers hand over under `.channels`.
    package var sharedPanelBytes: Int {
        PanelView.byteCount(rows: outputHeight, width: outputWidth, blocks: depthwise.weights.blocks)
    }

    /// Blocks of 16 channels of the depthwise layer that a worker filters; may be empty.
    package func filterShare(worker index: Int, of workers: Int) -> Range<Int> {
        BlockSharing.pairs(depthwise.weights.blocks, worker: index, of: workers)
    }

    /// What a worker projects; may be empty. Channels where they halve at least as well as rows, for then each core reads
    /// its part of the weights only.
    package func projectShare(worker index: Int, of workers: Int) -> BlockSharing.Part {
        let blocks = projection.weights.blocks
        if channelShare(blocks, workers) <= rowShare(workers) {
            let own = BlockSharing.pairs(blocks, worker: index, of: workers)
            return BlockSharing.Part(rows: 0..<outputHeight, blocks: own)
        }
        return BlockSharing.Part(
            rows: BlockSharing.share(outputHeight, worker: index, of: workers), blocks: 0..<blocks)
    }

    private var canShareChannels: Bool {
        if case .stem = producer { return false }
        return sharedPanelBytes <= BlockSharing.panelLimit
    }

    /// The largest worker's part of blocks of channels, 0 to 1.
    private func channelShare(_ blocks: Int, _ workers: Int) -> Double {
        let pairs = (blocks + 1) / 2
        return Double((pairs + workers - 1) / workers) / Double(pairs)
    }

    private func rowShare(_ workers: Int) -> Double {
        Double((outputHeight + workers - 1) / workers) / Double(outputHeight)
    }

    private func costByChannels(workers: Int) -> Double {
        let made = Double(innerHeight) * producerCost + Double(outputHeight) * depthwiseCost
        let projected = Double(outputHeight) * projectionCost
        return made * channelShare(depthwise.weights.blocks, workers)
            + projected * min(channelShare(projection.weights.blocks, workers), rowShare(workers))
            + BlockSharing.handOver
    }

    private func costByRows(workers: Int) -> Double {
        let costs = (0..<workers).map { index in
            let rows = BlockSharing.share(outputHeight, worker: index, of: workers)
            guard let last = rows.last else { return 0.0 }
            let top = max(0, rows.lowerBound * depthwise.stride - 1)
            let bottom = min(innerHeight, last * depthwise.stride + 2)
            return Double(bottom - top) * producerCost + Double(rows.count) * (depthwiseCost + projectionCost)
        }
        return costs.max() ?? 0
    }

    // Costs of a row, in multiply-accumulates.

    private var producerCost: Double {
        let products: Double =
            switch producer {
            case .stem: 27
            case .pointwise(let layer): Double(layer.inputs)
            case .interleave: 0
            }
        return Double(innerWidth * depthwise.channels) * (products + BlockSharing.valueCost)
    }

    private var depthwiseCost: Double {
        Double(outputWidth * depthwise.channels) * (24 + BlockSharing.valueCost)  // 24 lanes are multiplied for 9 taps
    }

    private var projectionCost: Double {
        Double(outputWidth * projection.channels) * (Double(depthwise.channels) + BlockSharing.valueCost)
    }
}
