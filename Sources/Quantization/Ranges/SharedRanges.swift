import Graphs

/// Values that have one range: those that hold the same bytes in other places, and what is joined where that costs
/// nothing or little. Joining bytes of one meaning is a copy, which a planner can leave out.
struct SharedRanges {
    /// How many times wider than its own the range of what it is joined to may be, for a value that others read too: one
    /// bit of its precision.
    static let widening: Float = 2

    private let graph: Graph
    /// Nodes that read each value.
    private let readers: [[Int]]

    init(_ graph: Graph) {
        self.graph = graph
        var readers = [[Int]](repeating: [], count: graph.nodes.count + 1)
        for (index, node) in graph.nodes.enumerated() { for value in node.sources { readers[value].append(index) } }
        self.readers = readers
    }

    /// - Parameter ranges: of every value.
    /// - Returns: the same, with one range for all values of a group: the hull of theirs.
    func apply(to ranges: [ValueRange]) -> [ValueRange] {
        var parent = Array(ranges.indices)
        var hulls = ranges
        func root(_ value: Int) -> Int {
            var value = value
            while parent[value] != value { value = parent[value] }
            return value
        }
        func join(_ first: Int, _ second: Int) {
            let (a, b) = (root(first), root(second))
            guard a != b else { return }
            parent[max(a, b)] = min(a, b)
            hulls[min(a, b)] = ValueRange(
                low: min(hulls[a].low, hulls[b].low), high: max(hulls[a].high, hulls[b].high),
                method: hulls[min(a, b)].method)
        }
        // What holds the same bytes: the range of where they come from.
        for (index, node) in graph.nodes.enumerated() where node.movesBytes {
            parent[index + 1] = root(node.source)
        }
        for (index, node) in graph.nodes.enumerated() {
            guard case .concat = node.operation else { continue }
            for source in node.sources where root(source) != 0 {
                let (own, joined) = (hulls[root(source)], hulls[root(index + 1)])
                let isOnlyJoined = readers[source].allSatisfy {
                    if case .concat = graph.nodes[$0].operation { true } else { false }
                }
                if isOnlyJoined || joined.high - joined.low <= SharedRanges.widening * (own.high - own.low) {
                    join(source, index + 1)
                }
            }
        }
        return ranges.indices.map { $0 == 0 ? ranges[0] : hulls[root($0)] }
    }
}

extension Node {
    /// Whether the output holds bytes of the input, and so has its quantization.
    fileprivate var movesBytes: Bool {
        switch operation {
        case .select, .groupMaximum: true
        case .pool(let pool): pool.kind == .maximum
        case .convolution, .batchNorm, .clamp, .add, .globalAveragePool, .dense, .activation, .multiply, .concat: false
        }
    }
}
