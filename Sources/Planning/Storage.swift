internal import Graphs
internal import Tensors

/// In which tensor of the arena each value lies. Splits are views of what they split, and what is only joined is written
/// into its place at once; every other value has a tensor of its own.
struct Storage {
    struct Place: Hashable {
        /// The value whose tensor it is.
        let owner: Int
        /// Its first channel there.
        let first: Int
    }

    private(set) var places: [Place]
    /// Values that are written where their reader, a concatenation, wants them.
    private(set) var joined = Set<Int>()
    /// Nodes that need no step, because their output is a view.
    private(set) var views = Set<Int>()

    init(_ graph: QuantizedGraph, readers: (Int) -> [Int]) {
        places = (0...graph.nodes.count).map { Place(owner: $0, first: 0) }
        // From the last to the first, so that a concatenation within a concatenation finds its place.
        for (index, node) in graph.nodes.enumerated().reversed() {
            guard case .concat = node.operation else { continue }
            var first = places[index + 1].first
            for source in node.sources {
                if Storage.canJoin(source, of: node, at: index, graph, readers) {
                    places[source] = Place(owner: places[index + 1].owner, first: first)
                    joined.insert(source)
                }
                first += graph.shape(ofValue: source).channels
            }
        }
        for (index, node) in graph.nodes.enumerated() {
            guard case .select(.range(let first, _)) = node.operation, node.source != 0, !joined.contains(index + 1),
                readers(index + 1).allSatisfy({ !graph.nodes[$0].adds(index + 1) })
            else { continue }
            let place = places[node.source]
            places[index + 1] = Place(owner: place.owner, first: place.first + first)
            views.insert(index)
        }
    }

    /// Whether a value is read by one concatenation alone, with the same meaning of its bytes, and is made by a step of
    /// its own that can write among other channels.
    private static func canJoin(
        _ value: Int, of node: QuantizedNode, at index: Int, _ graph: QuantizedGraph, _ readers: (Int) -> [Int]
    ) -> Bool {
        guard value != 0, readers(value) == [index], graph.params(ofValue: value) == node.params else { return false }
        switch graph.nodes[value - 1].operation {
        case .convolution(_, skip: nil), .table, .add, .multiply, .pool, .concat, .groupMaximum: return true
        case .select(let selection):
            if case .range = selection { return false }
            return true
        case .convolution(_, skip: .some), .globalAveragePool, .dense: return false
        }
    }
}

extension QuantizedNode {
    /// Whether a convolution adds the value in its rounding; its kernel wants it in the output's strides.
    fileprivate func adds(_ value: Int) -> Bool {
        if case .convolution(_, .some(let skip)) = operation { return skip == value }
        return false
    }
}
