import Graphs
import Tensors

/// Makes the integer graph that a quantized file describes: its scales, zero points and weights, our arithmetic.
///
/// A node whose value the file quantizes becomes a node of ours. One whose value it does not must be taken up by the only
/// node that reads it: a sum or a clamp behind a convolution.
struct QuantizedAssembly {
    /// As translated, with real parameters, the normalisation folded in.
    let graph: Graph
    /// Of values, by node.
    let quantizations: [String: QuantParams]
    /// By node.
    let weights: [String: QuantizedConstant]
    /// Pixels per real unit of the input.
    let std: Float

    private var result: QuantizedGraph
    /// Number in `result` of every value of `graph`; nil for one that waits to be taken up.
    private var numbers: [Int?] = [0]
    private var waiting: [Int: Waiting] = [:]

    /// A value that is not quantized yet.
    private struct Waiting {
        var node: Node
        /// A value of `graph` that is added.
        var skip: Int?
        var clamp: Bounds?
    }

    init(graph: Graph, quantizations: [String: QuantParams], weights: [String: QuantizedConstant], std: Float) {
        (self.graph, self.quantizations, self.weights, self.std) = (graph, quantizations, weights, std)
        result = QuantizedGraph(network: graph.network, input: graph.input, inputParams: .pixels(std: std), nodes: [])
        result.inputPadding = graph.inputPadding.map { result.inputParams.quantize($0) }
    }

    /// - Throws: an error that names the first node that the integer rule cannot hold.
    static func make(
        _ graph: Graph, _ quantizations: [String: QuantParams], _ weights: [String: QuantizedConstant], std: Float
    ) throws(GraphError) -> QuantizedGraph {
        let shapes = try graph.shapes()
        let (graph, weights) = try convolved(graph, weights, shapes)
        var assembly = QuantizedAssembly(graph: graph, quantizations: quantizations, weights: weights, std: std)
        var readers = [Int](repeating: 0, count: shapes.count)
        for node in graph.nodes { for source in node.sources { readers[source] += 1 } }
        for (index, node) in graph.nodes.enumerated() {
            try assembly.add(node, shape: shapes[index + 1], isReadOnce: readers[index + 1] == 1, of: shapes)
        }
        try assembly.result.validate()
        return assembly.result
    }

    /// Normalisations as depthwise 1x1 convolutions, whose one weight a channel is exact.
    private static func convolved(
        _ graph: Graph, _ weights: [String: QuantizedConstant], _ shapes: [Shape]
    ) throws(GraphError) -> (Graph, [String: QuantizedConstant]) {
        var (graph, weights) = (graph, weights)
        for (index, node) in graph.nodes.enumerated() {
            guard case .batchNorm(let epsilon) = node.operation else { continue }
            let channels = shapes[node.source].channels
            let (scale, shift) = (try graph.parameter("\(node.name).weight"), try graph.parameter("\(node.name).bias"))
            let (mean, variance) = (
                try graph.parameter("\(node.name).running_mean"), try graph.parameter("\(node.name).running_var")
            )
            let factors = (0..<channels).map { scale[$0] / (variance[$0] + epsilon).squareRoot() }
            graph.parameters["\(node.name).weight"] = factors
            graph.parameters["\(node.name).bias"] = (0..<channels).map { shift[$0] - mean[$0] * factors[$0] }
            graph.nodes[index].operation = .convolution(
                Convolution(
                    outputs: channels, window: Window(kernel: 1), isDepthwise: true, hasBias: true), skip: nil)
            weights[node.name] = QuantizedConstant(
                steps: factors.map { $0 < 0 ? -1 : $0 > 0 ? 1 : 0 }, scales: factors.map { max(abs($0), 1e-9) },
                axis: 0,
                shape: [channels, 1, 1, 1])
        }
        return (graph, weights)
    }

    private mutating func add(
        _ node: Node, shape: Shape, isReadOnce: Bool, of shapes: [Shape]
    ) throws(GraphError) {
        let value = numbers.count
        var own = Waiting(node: node)
        switch node.operation {
        case .clamp(let bounds):
            if var taken = waiting.removeValue(forKey: node.source) {
                guard taken.clamp == nil else { throw lost(taken.node) }
                taken.clamp = bounds
                own = taken
            }
        case .add(let other):
            if numbers[node.source] == nil, let taken = waiting.removeValue(forKey: node.source) {
                own = try added(taken, other, node)
            } else if numbers[other] == nil, let taken = waiting.removeValue(forKey: other) {
                own = try added(taken, node.source, node)
            }
        default: break
        }
        // What it reads must be there; it may be the value that `own` took up.
        for source in own.node.sources + (own.skip.map { [$0] } ?? []) where numbers[source] == nil {
            throw lost(graph.nodes[source - 1])
        }
        if let params = quantizations[node.name] ?? kept(own.node) {
            try emit(own, params, shape, of: shapes)
            numbers.append(result.nodes.count)
        } else if case .dense = node.operation {
            try emit(own, QuantParams(scale: 1, zeroPoint: 0), shape, of: shapes)
            numbers.append(result.nodes.count)
        } else {
            guard isReadOnce else { throw lost(node) }
            switch own.node.operation {
            case .convolution, .add: break
            default: throw lost(node)
            }
            waiting[value] = own
            numbers.append(nil)
        }
    }

    private func added(_ taken: Waiting, _ other: Int, _ node: Node) throws(GraphError) -> Waiting {
        guard case .convolution = taken.node.operation, taken.clamp == nil, taken.skip == nil else {
            throw lost(taken.node)
        }
        var own = taken
        own.skip = other
        return own
    }

    private func lost(_ node: Node) -> GraphError {
        GraphError(
            node: node.name,
            message: "its output is not quantized; only graphs whose values are all quantized can be taken over")
    }

    /// Bytes that are only moved keep what they mean.
    private func kept(_ node: Node) -> QuantParams? {
        guard isMove(node), let source = numbers[node.source] else { return nil }
        return result.params(ofValue: source)
    }

    private func isMove(_ node: Node) -> Bool {
        switch node.operation {
        case .select, .groupMaximum: true
        case .pool(let pool): pool.kind == .maximum
        default: false
        }
    }

    // MARK: Nodes

    private mutating func emit(
        _ own: Waiting, _ params: QuantParams, _ shape: Shape, of shapes: [Shape]
    ) throws(GraphError) {
        let node = own.node.reading { numbers[$0] ?? 0 }
        let input = result.params(ofValue: node.source)
        var output = params
        let operation: QuantizedNode.Operation
        switch node.operation {
        case .convolution(let convolution, _):
            let layer = try layer(
                own.node, outputs: convolution.outputs,
                inputs: convolution.filterInputs(of: shapes[own.node.source].channels),
                taps: convolution.window.taps, inputScale: input.scale)
            let (low, high) = bounds(own.clamp, params)
            operation = .convolution(
                QuantizedConvolution(
                    window: convolution.window, isDepthwise: convolution.isDepthwise, groups: convolution.groups,
                    weights: layer.weights, weightScales: layer.scales, bias: layer.bias, low: low, high: high),
                skip: own.skip.flatMap { numbers[$0] })
        case .dense(let outputs):
            let layer = try layer(
                own.node, outputs: outputs, inputs: shapes[own.node.source].channels, taps: 1, inputScale: input.scale)
            operation = .dense(QuantizedDense(weights: layer.weights, weightScales: layer.scales, bias: layer.bias))
            output = QuantParams(scale: 1, zeroPoint: 0)
        case .add(let other):
            let (low, high) = bounds(own.clamp, params)
            operation = .add(other: other, low: low, high: high)
        case .clamp(let limits): operation = .table(table(input, params) { min(max($0, limits.low), limits.high) })
        case .activation(let function): operation = .table(table(input, params) { Float(function(Double($0))) })
        case .batchNorm: throw GraphError(node: node.name, message: "is no convolution")
        case .globalAveragePool: operation = .globalAveragePool
        case .multiply(let other): operation = .multiply(other: other)
        case .concat(let others): operation = .concat(others: others)
        case .pool(let pool):
            operation = .pool(pool)
            if pool.kind == .maximum { output = input }
        case .select(let selection): (operation, output) = (.select(selection), input)
        case .groupMaximum(let size): (operation, output) = (.groupMaximum(size: size), input)
        }
        result.nodes.append(
            QuantizedNode(name: node.name, operation: operation, source: node.source, shape: shape, params: output))
        guard isMove(own.node), output != params else { return }
        // The file rounds again behind it.
        result.nodes.append(
            QuantizedNode(
                name: "\(node.name).quantize", operation: .table(table(input, params) { $0 }),
                source: result.nodes.count,
                shape: shape, params: params))
    }

    private func bounds(_ clamp: Bounds?, _ params: QuantParams) -> (Int8, Int8) {
        clamp.map { (params.quantize($0.low), params.quantize($0.high)) } ?? (-128, 127)
    }

    private func table(_ input: QuantParams, _ output: QuantParams, _ function: (Float) -> Float) -> [Int8] {
        (-128...127).map { output.quantize(function(input.dequantize(Int8($0)))) }
    }

    private struct Layer {
        var weights: [Int8]
        var scales: [Float]
        var bias: [Int32]
    }

    /// Weights of a layer with the last axis turned to channels.
    private func layer(
        _ node: Node, outputs: Int, inputs: Int, taps: Int, inputScale: Float
    ) throws(GraphError) -> Layer {
        let steps: [Int8]
        let scales: [Float]
        if let own = weights[node.name] {
            (steps, scales) = (own.steps.map { Int8($0) }, own.scales)
        } else if node.source == 0 {
            (steps, scales) = try quantized(try graph.parameter("\(node.name).weight"), outputs: outputs)
        } else {
            throw GraphError(node: node.name, message: "its weights are not quantized")
        }
        var turned = [Int8](repeating: 0, count: steps.count)
        for output in 0..<outputs {
            for channel in 0..<inputs {
                for tap in 0..<taps {
                    turned[(output * taps + tap) * inputs + channel] = steps[(output * inputs + channel) * taps + tap]
                }
            }
        }
        var bias = [Int32](repeating: 0, count: outputs)
        if let real = graph.parameters["\(node.name).bias"] {
            for (channel, value) in real.enumerated() {
                let exact = (Double(value) / (Double(inputScale) * Double(scales[channel]))).rounded(.toNearestOrEven)
                guard abs(exact) <= 0x1p28 else {
                    throw GraphError(
                        node: node.name, message: "its bias of channel \(channel) has \(exact) steps; 2^28 is the limit"
                    )
                }
                bias[channel] = Int32(exact)
            }
        }
        return Layer(weights: turned, scales: scales, bias: bias)
    }

    /// Real weights, symmetrically in 127 steps an output.
    private func quantized(_ weights: [Float], outputs: Int) throws(GraphError) -> ([Int8], [Float]) {
        let perOutput = weights.count / max(1, outputs)
        var (steps, scales) = ([Int8](), [Float]())
        for output in 0..<outputs {
            let row = weights[output * perOutput..<(output + 1) * perOutput]
            let scale = max(row.reduce(0) { max($0, abs($1)) } / 127, 1e-9)
            guard scale.isFinite else { throw GraphError(node: "weights", message: "are not finite") }
            scales.append(scale)
            steps += row.map { Int8(min(max(($0 / scale).rounded(.toNearestOrEven), -127), 127)) }
        }
        return (steps, scales)
    }
}
