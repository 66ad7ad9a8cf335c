package import Graphs

/// Pass: puts the clamp that follows a convolution into the convolution. The function stays exactly the same.
package enum FuseActivations {
    /// - Throws: when the graph is invalid.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        _ = try graph.shapes()
        let readers = graph.readerCounts
        var rewriter = GraphRewriter(graph)
        var index = 0
        while index < graph.nodes.count {
            let node = graph.nodes[index]
            guard case .convolution(var convolution, let skip) = node.operation, convolution.clamp == nil,
                readers[index + 1] == 1, index + 1 < graph.nodes.count,
                case .clamp(let bounds) = graph.nodes[index + 1].operation, graph.nodes[index + 1].source == index + 1
            else {
                rewriter.keep(index)
                index += 1
                continue
            }
            convolution.clamp = bounds
            rewriter.replace(
                index...index + 1, with: node.name, .convolution(convolution, skip: skip), source: node.source,
                parameters: graph.convolutionParameters(of: node))
            index += 2
        }
        return rewriter.graph
    }
}

extension Graph {
    /// Weight and, where there is one, bias, by suffix.
    func convolutionParameters(of node: Node) -> [String: [Float]] {
        var parameters: [String: [Float]] = [:]
        for suffix in ["weight", "bias"] { parameters[suffix] = self.parameters["\(node.name).\(suffix)"] }
        return parameters
    }
}
