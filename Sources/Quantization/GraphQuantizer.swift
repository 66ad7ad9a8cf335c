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
        let ranges = SharedRanges(graph).apply(to: ranges)
        do throws(GraphError) {
            var quantized = QuantizedGraph(
                network: graph.network, input: graph.input, inputParams: .pixels(std: std), nodes: [])
            quantized.inputPadding = graph.inputPadding.map { quantized.inputParams.quantize($0) }
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
            let channels = WeightQuantizer.quantize(
                try graph.parameter("\(node.name).weight").transposedToChannelsLast(
                    outputs: convolution.outputs, inputs: convolution.filterInputs(of: inputs),
                    taps: convolution.window.taps),
                bias: convolution.hasBias
                    ? try graph.parameter("\(node.name).bias") : [Float](repeating: 0, count: convolution.outputs),
                inputScale: inputScale, searchesClip: searchesWeightClip)
            dead = channels.deadChannels
            let (low, high) =
                convolution.clamp.map { (params.quantize($0.low), params.quantize($0.high)) } ?? (-128, 127)
            let result = QuantizedConvolution(
                window: convolution.window, isDepthwise: convolution.isDepthwise, groups: convolution.groups,
                weights: channels.weights, weightScales: channels.scales, bias: channels.bias, low: low, high: high)
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
        case .activation(let function):
            operation = .table(table(of: node.source, quantized, params) { Float(function(Double($0))) })
        case .clamp(let bounds):
            operation = .table(table(of: node.source, quantized, params) { min(max($0, bounds.low), bounds.high) })
        case .add(let other): operation = .add(other: other, low: -128, high: 127)
        case .multiply(let other): operation = .multiply(other: other)
        case .pool(let pool):
            operation = .pool(pool)
            if pool.kind == .maximum { params = quantized.params(ofValue: node.source) }
        case .concat(let others): operation = .concat(others: others)
        case .select(let selection):
            (operation, params) = (.select(selection), quantized.params(ofValue: node.source))
        case .groupMaximum(let size):
            (operation, params) = (.groupMaximum(size: size), quantized.params(ofValue: node.source))
        case .batchNorm:
            throw GraphError(node: node.name, message: "has not been fused; lower the graph first")
        }
        return (
            QuantizedNode(
                name: node.name, operation: operation, source: node.source, shape: shapes[index + 1], params: params),
            dead
        )
    }

    /// Output bytes of a function for all input bytes.
    private func table(
        of source: Int, _ quantized: QuantizedGraph, _ params: QuantParams, _ function: (Float) -> Float
    ) -> [Int8] {
        let input = quantized.params(ofValue: source)
        return (-128...127).map { params.quantize(function(input.dequantize(Int8($0)))) }
    }

    /// Whether a value never goes below 0, because an activation cut it or it is a mean of such values.
    static func isActivated(_ value: Int, _ graph: Graph) -> Bool { limit(of: value, graph) != nil }

    /// Upper bound of the activation that a value has passed; nil for a linear value.
    static func limit(of value: Int, _ graph: Graph) -> Float? {
        guard value > 0 else { return nil }
        let node = graph.nodes[value - 1]
        switch node.operation {
        case .convolution(let convolution, _): return convolution.clamp.flatMap { $0.low == 0 ? $0.high : nil }
        case .clamp(let bounds): return bounds.low == 0 ? bounds.high : nil
        case .activation(let function): return function == .sigmoid || function == .hardSigmoid ? 1 : nil
        case .globalAveragePool, .pool, .select, .groupMaximum: return limit(of: node.source, graph)
        case .concat:
            let limits = node.sources.map { limit(of: $0, graph) }
            return limits.contains(nil) ? nil : limits.compactMap { $0 }.max()
        case .batchNorm, .add, .multiply, .dense: return nil
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
