import Graphs
import Tensors

/// Pass: rescales and shifts channels so that a tensor's bytes serve all of its channels alike, and its weights too; the
/// function stays what it was (cross-layer equalization with bias absorption; Nagel et al., arXiv 1906.04721).
///
/// A linear value (no clamp, read by convolutions, possibly along skips) may be scaled and, where no reader pads, shifted
/// freely: producers multiply, readers divide, and what was taken away goes into the readers' biases. A value clamped to
/// [0, high] may be scaled channel by channel as long as no picture drives that channel to the clamp before or after.
/// Observed extents say which; a depthwise reader loses nothing by any scale, because it has one weight scale a channel.
struct EqualizeChannels {
    /// Share of the clamp that a rescaled channel fills at most: unseen pictures go further than seen ones.
    static let fill: Float = 0.8
    /// Bounds of a factor.
    static let limit: Float = 4096

    let graph: Graph
    let shapes: [Shape]
    let observed: Observations

    /// Which values are rescaled.
    enum Scope: String, CaseIterable {
        /// Linear ones: exactly the same function for every picture.
        case linear = "equalized"
        /// Clamped ones too, by the largest values that occurred.
        case all = "equalized-all"
    }

    /// - Returns: the graph, or nil when no channel would change by more than a tenth.
    func apply(_ scope: Scope) throws(QuantizationError) -> Graph? {
        do throws(GraphError) {
            var editor = ChannelEditor(graph: graph, shapes: shapes)
            for group in linearGroups() { try equalizeLinear(group, &editor) }
            if scope == .all {
                for value in 1..<shapes.count where isFreeClamped(value) {
                    try equalizeClamped(value, &editor)
                }
            }
            return editor.changed ? editor.graph : nil
        } catch {
            throw QuantizationError(error)
        }
    }

    /// Nodes that read a value as their input, not as a skip.
    private func readers(of value: Int) -> [Int] {
        graph.nodes.indices.filter { graph.nodes[$0].source == value }
    }

    /// A convolution whose filters read all channels, or one.
    private func convolution(_ index: Int) -> (Convolution, skip: Int?)? {
        if case .convolution(let convolution, let skip) = graph.nodes[index].operation, convolution.groups == 1 {
            return (convolution, skip)
        }
        return nil
    }

    /// Whether convolutions alone read a value, be it as a skip.
    private func isConvolved(_ value: Int) -> Bool {
        graph.nodes.indices.allSatisfy { !graph.nodes[$0].sources.contains(value) || convolution($0) != nil }
    }

    /// Linear values tied together by skips; only groups of which every value is linear and read by convolutions alone.
    private func linearGroups() -> [[Int]] {
        var parent = Array(0..<shapes.count)
        func root(_ value: Int) -> Int { parent[value] == value ? value : root(parent[value]) }
        for index in graph.nodes.indices {
            if let skip = convolution(index)?.skip { parent[root(index + 1)] = root(skip) }
        }
        var groups: [Int: [Int]] = [:]
        for value in shapes.indices { groups[root(value), default: []].append(value) }
        return groups.keys.sorted().compactMap { key in
            let group = groups[key] ?? []
            let isFree = group.allSatisfy { value in
                guard value > 0, let (producer, _) = convolution(value - 1), producer.clamp == nil else { return false }
                return value < shapes.count - 1 && isConvolved(value)
            }
            return isFree ? group : nil
        }
    }

    private func equalizeLinear(_ group: [Int], _ editor: inout ChannelEditor) throws(GraphError) {
        let channels = shapes[group[0]].channels
        // Shift: every value has its own; a value that a skip brings along takes its shift with it.
        for value in group {
            let padded = readers(of: value).contains { convolution($0)?.0.window.padding.isEmpty == false }
            let shift = (0..<channels).map { c -> Float in
                let (low, high) = (observed.lows[value][c], observed.highs[value][c])
                return padded || !low.isFinite ? 0 : (low + high) / 2
            }
            try editor.shift(value, by: shift, readers: readers(of: value))
        }
        var halves = [Float](repeating: 0, count: channels)
        for value in group {
            for c in 0..<channels where observed.lows[value][c].isFinite {
                halves[c] = max(halves[c], editor.reach(value, c, observed))
            }
        }
        var columns = [Float](repeating: 0, count: channels)
        for value in group {
            for reader in readers(of: value) {
                let own = try editor.columnWeights(reader)
                for c in 0..<channels { columns[c] = max(columns[c], own[c]) }
            }
        }
        let factors = balanced(halves, columns)
        for value in group { try editor.scale(value, by: factors, readers: readers(of: value)) }
    }

    /// How far a channel reaches in the end, of its reach and of the largest weight that reads it, but for a common factor.
    /// With the square root weights and values would share the unevenness alike (arXiv 1906.04721, section 4.1); the
    /// fourth root leaves the weights more of it, because values are rounded anew for each picture while what weights
    /// lose is made up for when they are fitted.
    private static func share(_ half: Float, _ column: Float) -> Float {
        (half * column).squareRoot().squareRoot()
    }

    /// Factors that bring every channel to its share, the largest reach staying what it is; 1 where a channel is dead.
    private func balanced(_ halves: [Float], _ columns: [Float]) -> [Float] {
        let alive = halves.indices.filter { halves[$0] > 1e-9 && columns[$0] > 1e-9 }
        guard !alive.isEmpty else { return halves.map { _ in 1 } }
        let largest = alive.reduce(Float(0)) { max($0, halves[$1]) }
        let raw = alive.map { EqualizeChannels.share(halves[$0], columns[$0]) / halves[$0] }
        // The largest half stays what it is, so that steps keep their size.
        let reach = zip(alive, raw).reduce(Float(0)) { max($0, halves[$1.0] * $1.1) }
        var factors = [Float](repeating: 1, count: halves.count)
        for (c, factor) in zip(alive, raw) {
            factors[c] = min(max(factor * largest / reach, 1 / EqualizeChannels.limit), EqualizeChannels.limit)
        }
        return factors
    }

    /// Clamped to [0, high], read by convolutions alone and along no skip.
    private func isFreeClamped(_ value: Int) -> Bool {
        guard value < shapes.count - 1, let (producer, skip) = convolution(value - 1), skip == nil,
            let clamp = producer.clamp, clamp.low == 0
        else { return false }
        let isSkipped = graph.nodes.indices.contains { convolution($0)?.skip == value }
        let readers = readers(of: value)
        return !isSkipped && !readers.isEmpty && isConvolved(value)
    }

    private func equalizeClamped(
        _ value: Int, _ editor: inout ChannelEditor
    ) throws(GraphError) {
        guard let clamp = convolution(value - 1)?.0.clamp else { return }
        let channels = shapes[value].channels
        let ceiling = clamp.high * EqualizeChannels.fill
        let highs = (0..<channels).map { max(0, observed.highs[value][$0]) }
        let target = min(ceiling, highs.reduce(0, max))
        // A channel that comes near the clamp is left alone, and so is one that is dead.
        let free = (0..<channels).filter { highs[$0] > 1e-6 && highs[$0] < ceiling }
        guard !free.isEmpty, target > 0 else { return }
        var factors = [Float](repeating: 1, count: channels)
        if readers(of: value).allSatisfy({ convolution($0)?.0.isDepthwise == true }) {
            for c in free { factors[c] = min(target / highs[c], EqualizeChannels.limit) }
        } else {
            var columns = [Float](repeating: 0, count: channels)
            for reader in readers(of: value) {
                let own = try editor.columnWeights(reader)
                for c in 0..<channels { columns[c] = max(columns[c], own[c]) }
            }
            let products = (0..<channels).map { EqualizeChannels.share(highs[$0], columns[$0]) }
            let largest = products.reduce(0, max)
            guard largest > 0 else { return }
            for c in free where columns[c] > 1e-9 {
                let wanted = products[c] / largest * target
                factors[c] = min(max(wanted / highs[c], 1 / EqualizeChannels.limit), target / highs[c])
            }
        }
        try editor.scale(value, by: factors, readers: readers(of: value))
    }
}
