package import Graphs
import Tensors

/// Pass: turns a batch normalisation that follows no convolution of its own into a depthwise 1x1 convolution. Its one
/// weight a channel is exact in int8, because every channel has its own scale.
package enum ConvolveAffine {
    /// - Throws: when the graph or its parameters are invalid.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        let shapes = try graph.shapes()
        var rewriter = GraphRewriter(graph)
        for (index, node) in graph.nodes.enumerated() {
            guard case .batchNorm(let epsilon) = node.operation else {
                rewriter.keep(index)
                continue
            }
            let (gamma, beta) = (try graph.parameter("\(node.name).weight"), try graph.parameter("\(node.name).bias"))
            let mean = try graph.parameter("\(node.name).running_mean")
            let variance = try graph.parameter("\(node.name).running_var")
            let factors = gamma.indices.map {
                Double(gamma[$0]) / (Double(variance[$0]) + Double(epsilon)).squareRoot()
            }
            let convolution = Convolution(
                outputs: shapes[index + 1].channels, window: Window(kernel: 1), isDepthwise: true, hasBias: true)
            rewriter.replace(
                index...index, with: node.name, .convolution(convolution, skip: nil), source: node.source,
                parameters: [
                    "weight": factors.map { Float($0) },
                    "bias": factors.indices.map { Float(Double(beta[$0]) - Double(mean[$0]) * factors[$0]) },
                ])
        }
        return rewriter.graph
    }
}
