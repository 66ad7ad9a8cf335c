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
    private let storage: Storage

    private init(_ graph: QuantizedGraph, features: CPUFeatures, stripBytes: Int) {
        self.graph = graph
        self.features = features
        self.stripBytes = stripBytes
        layers = LayerFactory(graph: graph, features: features)
        let matcher = BlockMatcher(graph)
        self.matcher = matcher
        storage = Storage(graph) { matcher.readers(of: $0) }
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
        var destination: Int
        /// Channels of the source; nil for all.
        var sourceSlice: Range<Int>?
        /// Channels of the destination; nil for all.
        var slice: Range<Int>?
        var table: TableLayer?
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

        // Lifetimes: from the first step that writes to a tensor to the last that reads it.
        var lifetimes: [Int: ClosedRange<Int>] = [:]
        for (step, draft) in drafts.enumerated() {
            for value in [draft.source, draft.skip].compactMap({ $0 }) where value != 0 {
                let owner = storage.places[value].owner
                guard let born = lifetimes[owner]?.lowerBound else {
                    throw PlanningError(node: draft.name, message: "reads a tensor that is never stored")
                }
                lifetimes[owner] = born...step
            }
            if draft.destination != logits {
                let owner = storage.places[draft.destination].owner
                lifetimes[owner] = (lifetimes[owner]?.lowerBound ?? step)...step
            }
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
            func place(_ value: Int) -> Placement? { places[storage.places[value].owner] }
            return Step(
                name: draft.name, work: draft.work, source: place(draft.source),
                skip: draft.skip.flatMap(place),
                destination: draft.destination == logits ? nil : place(draft.destination),
                channels: Step.Channels(
                    source: channels(draft.source, draft.sourceSlice), skip: channels(draft.skip ?? draft.source),
                    destination: channels(draft.destination, draft.slice)),
                table: draft.table, panel: panelPlaces[index], sharings: draft.sharings, macs: draft.macs)
        }
        return Plan(
            network: graph.network, input: graph.input, outputs: graph.shape(ofValue: logits).channels, steps: steps,
            activationBytes: byteCount, features: features, macs: graph.macs)
    }

    /// Channels of a value within the tensor that holds it.
    private func channels(_ value: Int, _ slice: Range<Int>? = nil) -> Range<Int> {
        let first = storage.places[value].first
        let own = slice ?? 0..<graph.shape(ofValue: value).channels
        return first + own.lowerBound..<first + own.upperBound
    }

    private func drafts() throws(PlanningError) -> [Draft] {
        let blocks = matcher.blocks()
        let inner = Set(blocks.values.flatMap { [$0.producer, $0.depthwise] }.compactMap { $0 })
        var drafts: [Draft] = []
        var fused = Set<Int>()
        for (index, node) in graph.nodes.enumerated()
        where !inner.contains(index) && !fused.contains(index) && !storage.views.contains(index) {
            var own: [Draft]
            if let block = blocks[index] { own = [draft(block)] } else { own = try self.drafts(of: index) }
            // A table that alone reads what a convolution makes is applied on the way.
            if case .convolution = node.operation, own.count == 1, let reader = soleTable(of: index + 1) {
                own[0].table = layers.table(reader.table)
                own[0].destination = reader.node + 1
                fused.insert(reader.node)
            }
            drafts += own
        }
        return drafts
    }

    private func soleTable(of value: Int) -> (node: Int, table: [Int8])? {
        let readers = matcher.readers(of: value)
        guard readers.count == 1, case .table(let table) = graph.nodes[readers[0]].operation else { return nil }
        return (readers[0], table)
    }

    /// The steps of a node that is no part of a block.
    private func drafts(of index: Int) throws(PlanningError) -> [Draft] {
        let node = graph.nodes[index]
        if node.sources.contains(0) {
            guard case .convolution(let convolution, let skip) = node.operation, !convolution.isDepthwise, skip != 0
            else {
                throw PlanningError(
                    node: node.name, message: "reads the picture; only full convolutions have kernels for that",
                    hasNoKernel: true)
            }
        }
        switch node.operation {
        case .convolution where matcher.isPointwise(index) && node.source != 0:
            let skip = layers.skip(index)
            let layer = layers.pointwise(index, to: .pointwiseToPixels)
            return [simple(index, .pointwise(layer, skip: skip?.scale), skip: skip?.value)]
        case .convolution(let convolution, let skip):
            guard convolution.isDepthwise else {
                return [simple(index, .convolution(layers.windowConvolution(index)), skip: skip)]
            }
            guard skip == nil else {
                throw PlanningError(
                    node: node.name, message: "depthwise layers with a sum have no kernel", hasNoKernel: true)
            }
            return [simple(index, .depthwise(layers.windowDepthwise(index)), skip: nil)]
        case .globalAveragePool: return [simple(index, .pool(layers.pool(index)), skip: nil)]
        case .dense(let dense): return [simple(index, .dense(layers.dense(index, dense)), skip: nil)]
        case .table(let table): return [simple(index, .table(layers.table(table)), skip: nil)]
        case .add(let other, let low, let high):
            return [simple(index, .pair(layers.sum(index, other: other, low: low, high: high)), skip: other)]
        case .multiply(let other): return [simple(index, .pair(layers.product(index, other: other)), skip: other)]
        case .pool(let pool): return [simple(index, .windowPool(layers.windowPool(index, pool)), skip: nil)]
        case .select(let selection):
            var draft = simple(index, .move(selection.move), skip: nil)
            if case .range(let first, let count) = selection { draft.sourceSlice = first..<first + count }
            return [draft]
        case .groupMaximum(let size): return [simple(index, .move(.groupMaximum(size: size)), skip: nil)]
        case .concat: return concat(index)
        }
    }

    /// A copy of every part that is not in its place already.
    private func concat(_ index: Int) -> [Draft] {
        let node = graph.nodes[index]
        var drafts: [Draft] = []
        var first = 0
        for source in node.sources {
            let slice = first..<first + graph.shape(ofValue: source).channels
            first = slice.upperBound
            if storage.joined.contains(source) { continue }
            let work = layers.rescaling(value: source, to: node).map { Step.Work.table($0) } ?? .move(.copy)
            drafts.append(
                Draft(
                    name: node.name, work: work, source: source, skip: nil, destination: index + 1, slice: slice,
                    macs: 0))
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

extension ChannelSelection {
    /// What copies the channels, once a range has been cut out.
    fileprivate var move: ChannelMove {
        switch self {
        case .range: .copy
        case .shuffle(let groups): .shuffle(groups: groups)
        case .repeated(let copies): .repeated(copies: copies)
        }
    }
}
