package import Graphs
package import Kernels
internal import Tensors

/// Graph x CPU -> plan: fuses blocks, chooses kernels and strip heights, packs weights, lays out the arena.
package struct Planner {
    /// Bytes of scratch that a fused strip should not exceed, so that ring and panel stay near the core. 40 KiB suits a
    /// first-level cache of 48 KiB; on Sapphire Rapids (2026-11-21) any height from 2 to 14 rows is within 5 %.
    package static let defaultStripBytes = 40 << 10
    /// Pictures up to this height are one strip: their weights are large (1 MiB in the last block of SM_V2) and would be
    /// streamed once a strip; one strip of 7 rows beat two rows at a time by 2 to 4 % there.
    package static let wholeHeight = 14

    /// Threads of the largest team for which panels are laid out; larger ones share every step by rows.
    static let largestTeam = 8

    private let graph: QuantizedGraph
    private let layers: LayerFactory
    private let matcher: BlockMatcher
    private let features: CPUFeatures
    private let stripBytes: Int

    private init(_ graph: QuantizedGraph, features: CPUFeatures, stripBytes: Int) {
        self.graph = graph
        self.features = features
        self.stripBytes = stripBytes
        layers = LayerFactory(graph: graph, features: features)
        matcher = BlockMatcher(graph)
    }

    /// - Parameters:
    ///   - graph: validated when it was read.
    ///   - features: what kernels may use: detected features, or fewer under a mask.
    ///   - stripBytes: see `defaultStripBytes`; any value gives the same output bits, 0 the lowest strips.
    /// - Throws: when a node, or the way nodes are joined, has no kernel yet.
    package static func plan(
        _ graph: QuantizedGraph, for features: CPUFeatures, stripBytes: Int = defaultStripBytes
    ) throws(PlanningError) -> Plan {
        try Planner(graph, features: TilePolicy.features(features, for: graph), stripBytes: stripBytes).plan()
    }

    /// A step before its tensors have places: values of the graph instead.
    private struct Draft {
        let name: String
        let work: Step.Work
        let source: Int
        let skip: Int?
        let destination: Int
        let macs: Int

        /// How teams share the step, by the number of their workers; empty where it is always by rows.
        var sharings: [BlockSharing] {
            guard case .block(let block) = work else { return [] }
            let sharings = (0...Planner.largestTeam).map { block.sharing(workers: $0) }
            return sharings.contains(.channels) ? sharings : []
        }

        /// The bytes of a block's panel as a tensor's shape.
        var panelShape: Shape {
            guard case .block(let block) = work else { preconditionFailure("only blocks have panels") }
            let row = block.sharedPanelBytes / block.outputHeight
            return Shape(height: block.outputHeight, width: row / QuadLayout.cellBytes, channels: QuadLayout.cellBytes)
        }
    }

    private func plan() throws(PlanningError) -> Plan {
        let drafts = try drafts()
        guard let last = drafts.last, case .dense = last.work else {
            throw PlanningError(
                node: graph.nodes.last?.name ?? "graph", message: "a network ends in a dense layer here")
        }
        let logits = last.destination

        // Lifetimes: from the step that writes a value to the last that reads it.
        var lifetimes: [Int: ClosedRange<Int>] = [:]
        for (step, draft) in drafts.enumerated() {
            for value in [draft.source, draft.skip].compactMap({ $0 }) where value != 0 {
                guard let born = lifetimes[value]?.lowerBound else {
                    throw PlanningError(node: draft.name, message: "reads a tensor that is never stored")
                }
                lifetimes[value] = born...step
            }
            if draft.destination != logits { lifetimes[draft.destination] = step...step }
        }
        let values = lifetimes.keys.sorted()
        let panels = drafts.indices.filter { !drafts[$0].sharings.isEmpty }
        let (placements, byteCount) = ArenaPlanner.place(
            values.map { value in
                ArenaPlanner.Request(shape: graph.shape(ofValue: value), lifetime: lifetimes[value] ?? 0...0)
            } + panels.map { ArenaPlanner.Request(shape: drafts[$0].panelShape, lifetime: $0...$0) })
        precondition(ArenaPlanner.firstOverlap(placements) == nil, "tensors alive at the same time never share bytes")
        let places = Dictionary(uniqueKeysWithValues: zip(values, placements))
        let panelPlaces = Dictionary(uniqueKeysWithValues: zip(panels, placements.suffix(panels.count)))

        let steps = drafts.enumerated().map { index, draft in
            Step(
                name: draft.name, work: draft.work, source: places[draft.source],
                skip: draft.skip.flatMap { places[$0] },
                destination: places[draft.destination], panel: panelPlaces[index], sharings: draft.sharings,
                macs: draft.macs)
        }
        return Plan(
            network: graph.network, input: graph.input, outputs: graph.shape(ofValue: logits).channels, steps: steps,
            activationBytes: byteCount, features: features, macs: graph.macs)
    }

    private func drafts() throws(PlanningError) -> [Draft] {
        let blocks = try matcher.blocks()
        let inner = Set(blocks.values.flatMap { [$0.producer, $0.depthwise] }.compactMap { $0 })
        var drafts: [Draft] = []
        for (index, node) in graph.nodes.enumerated() where !inner.contains(index) {
            if let block = blocks[index] {
                drafts.append(draft(block))
                continue
            }
            switch node.operation {
            case .convolution where matcher.isPointwise(index) && node.source != 0:
                let skip = layers.skip(index)
                let layer = layers.pointwise(index, to: .pointwiseToPixels)
                drafts.append(simple(index, .pointwise(layer, skip: skip?.scale), skip: skip?.value))
            case .convolution:
                throw PlanningError(
                    node: node.name,
                    message: "no kernel: convolutions are 1x1, depthwise 3x3, or a first 3x3 of stride 2 whose only "
                        + "reader is depthwise")
            case .globalAveragePool: drafts.append(simple(index, .pool(layers.pool(index)), skip: nil))
            case .dense(let dense): drafts.append(simple(index, .dense(layers.dense(index, dense)), skip: nil))
            }
        }
        return drafts
    }

    private func simple(_ index: Int, _ work: Step.Work, skip: Int?) -> Draft {
        let node = graph.nodes[index]
        return Draft(
            name: node.name, work: work, source: node.source, skip: skip, destination: index + 1,
            macs: node.macs(input: graph.shape(ofValue: node.source)))
    }

    private func draft(_ block: BlockMatcher.Block) -> Draft {
        let depthwise = layers.depthwise(block.depthwise)
        let inner = graph.nodes[block.depthwise].source
        let shape = graph.shape(ofValue: inner)
        let producer: SeparableBlock.Producer =
            if let index = block.producer {
                matcher.isStem(index)
                    ? .stem(layers.stem(index)) : .pointwise(layers.pointwise(index, to: .pointwiseToQuads))
            } else {
                .interleave(layers.interleave(value: inner))
            }
        let skip = layers.skip(block.projection)
        let fused = SeparableBlock(
            producer: producer, depthwise: depthwise,
            projection: layers.pointwise(block.projection, to: .pointwiseToPixels),
            skip: skip.map { ($0.scale.zeroPoint, $0.scale.multiplier) }, innerHeight: shape.height,
            innerWidth: shape.width, padding: StoredByte.encode(graph.params(ofValue: inner).zeroPoint),
            stripRows: stripRows(shape: shape, stride: depthwise.stride))
        let nodes = [block.producer, block.depthwise, block.projection].compactMap { $0 }
        return Draft(
            name: nodes.map { graph.nodes[$0].name }.joined(separator: " + "), work: .block(fused),
            source: block.producer.map { graph.nodes[$0].source } ?? inner, skip: skip?.value,
            destination: block.projection + 1,
            macs: nodes.reduce(0) { $0 + graph.nodes[$1].macs(input: graph.shape(ofValue: graph.nodes[$1].source)) })
    }

    /// All rows of a small picture; else the highest strip whose scratch fits, at least two rows (depthwise kernels take
    /// rows in pairs).
    private func stripRows(shape: Shape, stride: Int) -> Int {
        let height = (shape.height - 1) / stride + 1
        if height <= Planner.wholeHeight && stripBytes > 0 { return height }
        var rows = min(2, height)
        while rows < height,
            SeparableBlock.scratchBytes(
                stripRows: rows + 1, stride: stride, innerWidth: shape.width, channels: shape.channels) <= stripBytes
        {
            rows += 1
        }
        return rows
    }
}
