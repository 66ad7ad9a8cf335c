import Graphs

/// Builds a graph from another one node by node, and keeps the numbers of values right.
struct GraphRewriter {
    private let old: Graph
    private(set) var graph: Graph
    /// New number of each old value that exists in the new graph; element 0 is the input.
    private var numbers: [Int]

    init(_ old: Graph) {
        self.old = old
        graph = Graph(network: old.network, input: old.input, nodes: [])
        graph.inputPadding = old.inputPadding
        numbers = [0]
    }

    /// Copies an old node with its parameters.
    mutating func keep(_ index: Int) {
        let node = old.nodes[index].reading { numbers[$0] }
        for suffix in ["weight", "bias", "running_mean", "running_var"] {
            if let values = old.parameters["\(node.name).\(suffix)"] {
                graph.parameters["\(node.name).\(suffix)"] = values
            }
        }
        graph.nodes.append(node)
        numbers.append(graph.nodes.count)
    }

    /// Puts one node in the place of a range of old nodes; whoever read any of these reads the new one.
    /// - Parameters:
    ///   - source: number of an old value.
    ///   - operation: its `skip`, where there is one, is the number of an old value too.
    ///   - parameters: by suffix.
    mutating func replace(
        _ range: ClosedRange<Int>, with name: String, _ operation: Node.Operation, source: Int,
        parameters: [String: [Float]]
    ) {
        var operation = operation
        if case .convolution(let convolution, let skip) = operation {
            operation = .convolution(convolution, skip: skip.map { numbers[$0] })
        }
        graph.nodes.append(Node(name: name, operation: operation, source: numbers[source]))
        for (suffix, values) in parameters { graph.parameters["\(name).\(suffix)"] = values }
        for _ in range { numbers.append(graph.nodes.count) }
    }
}

extension Graph {
    /// How often each value is read; the last one counts one reader more, the caller.
    var readerCounts: [Int] {
        var counts = [Int](repeating: 0, count: nodes.count + 1)
        for node in nodes { for value in node.sources { counts[value] += 1 } }
        counts[nodes.count] += 1
        return counts
    }
}
