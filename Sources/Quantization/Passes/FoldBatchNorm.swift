package import Graphs

/// Pass: multiplies batch normalisation into the convolution before it, and drops the common suffix of the two names
/// (`stem.conv` and `stem.bn` become `stem`).
///
/// The function of the graph stays the same up to rounding; a convolution whose output somebody else reads too is left
/// alone. Folded parameters are computed in double precision and rounded once.
package enum FoldBatchNorm {
    /// - Throws: when the graph or its parameters are invalid.
    package static func apply(to graph: Graph) throws(GraphError) -> Graph {
        try graph.checkParameters()
        let readers = graph.readerCounts
        var rewriter = GraphRewriter(graph)
        var index = 0
        while index < graph.nodes.count {
            let node = graph.nodes[index]
            guard case .convolution(var convolution, nil) = node.operation, convolution.clamp == nil,
                readers[index + 1] == 1, index + 1 < graph.nodes.count,
                case .batchNorm(let epsilon) = graph.nodes[index + 1].operation,
                graph.nodes[index + 1].source == index + 1
            else {
                rewriter.keep(index)
                index += 1
                continue
            }
            let norm = graph.nodes[index + 1].name
            let folded = try fold(
                weight: try graph.parameter("\(node.name).weight"),
                bias: convolution.hasBias ? try graph.parameter("\(node.name).bias") : nil,
                gamma: try graph.parameter("\(norm).weight"), beta: try graph.parameter("\(norm).bias"),
                mean: try graph.parameter("\(norm).running_mean"), variance: try graph.parameter("\(norm).running_var"),
                epsilon: epsilon)
            convolution.hasBias = true
            let name = node.name.hasSuffix(".conv") ? String(node.name.dropLast(".conv".count)) : node.name
            rewriter.replace(
                index...index + 1, with: name, .convolution(convolution, skip: nil), source: node.source,
                parameters: ["weight": folded.weight, "bias": folded.bias])
            index += 2
        }
        return rewriter.graph
    }

    private static func fold(
        weight: [Float], bias: [Float]?, gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Float
    ) throws(GraphError) -> (weight: [Float], bias: [Float]) {
        let channels = gamma.count
        let perChannel = weight.count / channels
        var (foldedWeight, foldedBias) = (weight, [Float](repeating: 0, count: channels))
        for channel in 0..<channels {
            let factor = Double(gamma[channel]) / (Double(variance[channel]) + Double(epsilon)).squareRoot()
            for i in channel * perChannel..<(channel + 1) * perChannel {
                foldedWeight[i] = Float(Double(weight[i]) * factor)
            }
            let before = Double(bias?[channel] ?? 0)
            foldedBias[channel] = Float((before - Double(mean[channel])) * factor + Double(beta[channel]))
        }
        return (foldedWeight, foldedBias)
    }
}
