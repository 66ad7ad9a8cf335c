import Graphs
import Tensors

/// Turns a lowered float graph and a range for each of its values into an integer graph.
struct GraphQuantizer {
    /// Lowered, with parameters.
    let graph: Graph
    let shapes: [Shape]
    /// Pixels per real unit of the input.
    let std: Float
    var searchesWeightClip = true

    /// - Parameter ranges: of every value; those of the input and of the logits are not used.
    /// - Returns: the graph, which has been validated, and the dead channels of each node.
    func quantize(ranges: [ValueRange]) throws(QuantizationError) -> (graph: QuantizedGraph, deadChannels: [[Int]]) {
        do throws(GraphError) {
            var quantized = QuantizedGraph(
                network: graph.network, input: graph.input, inputParams: .pixels(std: std), nodes: [])
            var deadChannels: [[Int]] = []
            for (index, node) in graph.nodes.enumerated() {
                let (result, dead) = try self.node(node, index: index, range: ranges[index + 1], quantized)
                quantized.nodes.append(result)
                deadChannels.append(dead)
            }
            try quantized.validate()
            return (quantized, deadChannels)
        } catch {
            throw QuantizationError(error)
        }
    }

    private func node(
        _ node: Node, index: Int, range: ValueRange, _ quantized: QuantizedGraph
    ) throws(GraphError) -> (QuantizedNode, deadChannels: [Int]) {
        let inputs = shapes[node.source].channels
        let inputScale = quantized.params(ofValue: node.source).scale
        let operation: QuantizedNode.Operation
        var params = range.params
        var dead: [Int] = []
        switch node.operation {
        case .convolution(let convolution, let skip):
            let taps = convolution.kernel * convolution.kernel
            let channels = WeightQuantizer.quantize(
                try graph.parameter("\(node.name).weight").transposedToChannelsLast(
                    outputs: convolution.outputs, inputs: convolution.isDepthwise ? 1 : inputs, taps: taps),
                bias: convolution.hasBias
                    ? try graph.parameter("\(node.name).bias") : [Float](repeating: 0, count: convolution.outputs),
                inputScale: inputScale, searchesClip: searchesWeightClip)
            dead = channels.deadChannels
            let (low, high) =
                convolution.clamp.map { (params.quantize($0.low), params.quantize($0.high)) } ?? (-128, 127)
            let result = QuantizedConvolution(
                kernel: convolution.kernel, stride: convolution.stride, padding: convolution.padding,
                isDepthwise: convolution.isDepthwise, weights: channels.weights, weightScales: channels.scales,
                bias: channels.bias, low: low, high: high)
            operation = .convolution(result, skip: skip)
        case .globalAveragePool: operation = .globalAveragePool
        case .dense:
            let channels = WeightQuantizer.quantize(
                try graph.parameter("\(node.name).weight"), bias: try graph.parameter("\(node.name).bias"),
                inputScale: inputScale, searchesClip: searchesWeightClip)
            dead = channels.deadChannels
            operation = .dense(
                QuantizedDense(weights: channels.weights, weightScales: channels.scales, bias: channels.bias))
            params = QuantParams(scale: 1, zeroPoint: 0)
        case .batchNorm, .clamp, .add:
            throw GraphError(node: node.name, message: "has not been fused; lower the graph first")
        }
        return (
            QuantizedNode(
                name: node.name, operation: operation, source: node.source, shape: shapes[index + 1], params: params),
            dead
        )
    }

    /// Whether a value never goes below 0, because an activation cut it or it is a mean of such values.
    static func isActivated(_ value: Int, _ graph: Graph) -> Bool { limit(of: value, graph) != nil }

    /// Upper bound of the activation that a value has passed; nil for a linear value.
    static func limit(of value: Int, _ graph: Graph) -> Float? {
        guard value > 0 else { return nil }
        switch graph.nodes[value - 1].operation {
        case .convolution(let convolution, _): return convolution.clamp.flatMap { $0.low == 0 ? $0.high : nil }
        case .globalAveragePool: return limit(of: graph.nodes[value - 1].source, graph)
        case .batchNorm, .clamp, .add, .dense: return nil
        }
    }
}

extension ValueRange {
    /// 255 steps over the range, real zero exactly on a byte. A range that begins at 0 begins at byte -128, so that the
    /// lower clamp is what a byte saturates to anyway.
    var params: QuantParams {
        let scale = (high - low) / 255
        let zeroPoint = (-128 - low / scale).rounded(.toNearestOrEven)
        return QuantParams(scale: scale, zeroPoint: Int8(min(max(zeroPoint, -128), 127)))
    }
}
