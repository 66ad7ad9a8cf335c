package import Graphs

/// The passes that turn a trained graph into the one that is quantized, in order.
package enum Lowering {
    package struct Pass: Sendable {
        package let name: String
        package let apply: @Sendable (Graph) throws(GraphError) -> Graph
    }

    package static let passes: [Pass] = [
        Pass(
            name: "fold batch normalisation", apply: { graph throws(GraphError) in try FoldBatchNorm.apply(to: graph) }),
        Pass(name: "fuse skips", apply: { graph throws(GraphError) in try FuseSkips.apply(to: graph) }),
        Pass(name: "fuse activations", apply: { graph throws(GraphError) in try FuseActivations.apply(to: graph) }),
    ]

    /// Applies every pass. What comes out consists of convolutions (with clamp and skip within), pooling and dense layers.
    /// - Throws: when the graph is invalid, or when a node is left that the integer engine has no operation for.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        var graph = graph
        for pass in passes { graph = try pass.apply(graph) }
        for node in graph.nodes {
            switch node.operation {
            case .convolution, .globalAveragePool, .dense: continue
            case .batchNorm, .clamp, .add:
                throw GraphError(
                    node: node.name, message: "does not follow a convolution of its own; it cannot be fused")
            }
        }
        return graph
    }
}
