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
        Pass(
            name: "convolve lone normalisation",
            apply: { graph throws(GraphError) in try ConvolveAffine.apply(to: graph) }),
        Pass(name: "fuse skips", apply: { graph throws(GraphError) in try FuseSkips.apply(to: graph) }),
        Pass(name: "fuse activations", apply: { graph throws(GraphError) in try FuseActivations.apply(to: graph) }),
    ]

    /// Applies every pass. What comes out consists of convolutions (with clamp and skip within), dense layers and
    /// operations without weights.
    /// - Throws: when the graph is invalid.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        var graph = graph
        for pass in passes { graph = try pass.apply(graph) }
        return graph
    }
}
