package import Graphs
internal import Tensors

/// Another last layer for a network that is quantized already; everything before it stays as it is.
package enum HeadQuantizer {
    /// The head as the integer dense layer that replaces the graph's last node, by the rules of every other layer: int8
    /// weights with one scale an output, biases in steps of the accumulator.
    /// - Parameters:
    ///   - weights: [labels][features], real, for real features.
    ///   - bias: [labels], real.
    /// - Returns: the graph, validated.
    package static func replaceHead(
        of graph: QuantizedGraph, weights: [Float], bias: [Float]
    ) throws(QuantizationError) -> QuantizedGraph {
        guard let last = graph.nodes.last, case .dense = last.operation else {
            throw QuantizationError(code: .badData, message: "the network does not end in a dense layer")
        }
        let features = graph.shape(ofValue: last.source).channels
        guard !bias.isEmpty, weights.count == bias.count * features, weights.allSatisfy(\.isFinite),
            bias.allSatisfy(\.isFinite)
        else {
            throw QuantizationError(code: .badData, message: "a head has \(features) finite weights a label")
        }
        let channels = WeightQuantizer.quantize(
            weights, bias: bias, inputScale: graph.params(ofValue: last.source).scale, searchesClip: true)
        var node = last
        node.operation = .dense(
            QuantizedDense(weights: channels.weights, weightScales: channels.scales, bias: channels.bias))
        node.shape = Shape(channels: bias.count)
        var taught = graph
        taught.nodes[taught.nodes.count - 1] = node
        do throws(GraphError) { try taught.validate() } catch { throw QuantizationError(error) }
        return taught
    }
}
