package import Graphs

/// Pass: puts the sum that follows a linear convolution into the convolution, which then rounds once instead of twice.
/// The function stays exactly the same.
package enum FuseSkips {
    /// - Throws: when the graph is invalid.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        _ = try graph.shapes()
        let readers = graph.readerCounts
        var rewriter = GraphRewriter(graph)
        var index = 0
        while index < graph.nodes.count {
            let node = graph.nodes[index]
            guard case .convolution(let convolution, nil) = node.operation, convolution.clamp == nil,
                readers[index + 1] == 1, index + 1 < graph.nodes.count,
                case .add(let other) = graph.nodes[index + 1].operation,
                let skip = skipped(sum: graph.nodes[index + 1].source, other, projection: index + 1)
            else {
                rewriter.keep(index)
                index += 1
                continue
            }
            rewriter.replace(
                index...index + 1, with: node.name, .convolution(convolution, skip: skip), source: node.source,
                parameters: graph.convolutionParameters(of: node))
            index += 2
        }
        return rewriter.graph
    }

    /// The operand of a sum that is not the projection; nil when the projection is no operand at all.
    private static func skipped(sum first: Int, _ second: Int, projection: Int) -> Int? {
        if first == projection { return second }
        return second == projection ? first : nil
    }
}
