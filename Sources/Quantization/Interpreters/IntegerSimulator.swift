import Graphs
import Tensors

/// Runs an integer graph on the float loops, many times faster than `IntegerInterpreter`: bytes are kept as floats
/// `q - zp`, sums as floats. Single precision holds whole numbers up to 2^24 exactly, so as long as no sum passes that (a
/// sum of 1024 products passes it only if nearly all are extreme) the bytes are those of the integer rule; beyond, a sum
/// may be off by one part in 2^24. For searching and measuring; what ships is judged by the engine.
struct IntegerSimulator: Sendable {
    private(set) var graph: QuantizedGraph
    let kernels: FloatKernels
    let plan: SlotPlan
    private var layers: [LinearLayer?]
    private let multipliers: [[Float]]

    /// - Parameter graph: has been validated.
    init(_ graph: QuantizedGraph, kernels: FloatKernels = FloatKernels()) {
        self.graph = graph
        self.kernels = kernels
        plan = SlotPlan(sources: graph.nodes.map(\.sources))
        layers = graph.nodes.map { IntegerSimulator.layer($0, graph, kernels) }
        multipliers = graph.nodes.map { IntegerSimulator.multipliers($0, graph) }
    }

    private static func layer(_ node: QuantizedNode, _ graph: QuantizedGraph, _ kernels: FloatKernels) -> LinearLayer? {
        let input = graph.shape(ofValue: node.source)
        switch node.operation {
        case .convolution(let convolution, _):
            let geometry = Convolution(
                outputs: node.shape.channels, window: convolution.window, isDepthwise: convolution.isDepthwise,
                groups: convolution.groups)
            let padding = node.source == 0 ? graph.inputPadding.map { Float($0) } : []
            return LinearLayer(
                geometry, input: input, output: node.shape, weights: convolution.weights.map { Float($0) },
                bias: convolution.bias.map { Float($0) }, padding: padding, kernels: kernels)
        case .dense(let dense):
            return LinearLayer(
                LinearLayer.dense(outputs: node.shape.channels), input: input, output: node.shape,
                weights: dense.weights.map { Float($0) }, bias: dense.bias.map { Float($0) }, kernels: kernels)
        case .globalAveragePool, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: return nil
        }
    }

    /// From a sum to steps of the output, per channel; of a dense layer to logits.
    private static func multipliers(_ node: QuantizedNode, _ graph: QuantizedGraph) -> [Float] {
        let (input, out) = (graph.params(ofValue: node.source), node.params)
        switch node.operation {
        case .convolution(let convolution, _):
            return convolution.weightScales.map {
                Requantization.multiplier(inputScale: input.scale, weightScale: $0, outputScale: out.scale)
            }
        case .dense(let dense):
            return dense.weightScales.map { Requantization.logitScale(inputScale: input.scale, weightScale: $0) }
        case .globalAveragePool:
            let pixels = graph.shape(ofValue: node.source).pixels
            let multiplier = Requantization.poolMultiplier(
                inputScale: input.scale, outputScale: out.scale, pixels: pixels)
            return [Float](repeating: multiplier, count: node.shape.channels)
        case .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: return []
        }
    }

    /// Takes a node's weights and biases from another graph of the same structure and scales.
    mutating func replaceLayer(_ index: Int, by other: QuantizedGraph) {
        graph.nodes[index] = other.nodes[index]
        layers[index] = IntegerSimulator.layer(other.nodes[index], other, kernels)
    }

    /// Where a value lies in the workspace, as `q - zp`, while somebody still reads it.
    func value(_ value: Int, in workspace: FloatWorkspace) -> FloatBuffer { workspace.slot(plan.slots[value]) }

    /// Runs one picture.
    /// - Parameters:
    ///   - pixels: RGB bytes, [height][width][3].
    ///   - observe: is shown every value but the input as it comes: `q - zp`, and at last the logits.
    /// - Returns: the logits.
    func run(
        pixels: [UInt8], in workspace: FloatWorkspace,
        observe: (_ value: Int, _ elements: FloatBuffer) -> Void = { _, _ in }
    ) -> [Float] {
        setInput(pixels: pixels, value(0, in: workspace))
        for index in graph.nodes.indices {
            let out = value(index + 1, in: workspace)
            apply(index, into: out, windows: workspace.windows) { value($0, in: workspace) }
            observe(index + 1, out)
        }
        return value(graph.nodes.count, in: workspace).elements
    }

    func setInput(pixels: [UInt8], _ input: FloatBuffer) {
        precondition(pixels.count == graph.input.count, "a picture has the size of the network's input")
        input.resize(to: pixels.count)
        unsafe input.withElements { elements in
            for i in pixels.indices { unsafe elements[i] = Float(Int(pixels[i]) - 128) }
        }
    }

    /// Computes the output of a node.
    func apply(_ index: Int, into out: FloatBuffer, windows: FloatBuffer, value: (Int) -> FloatBuffer) {
        guard graph.nodes[index].hasAccumulators else {
            simple(index, into: out, value: value)
            return
        }
        sums(index, into: out, windows: windows, value: value)
        finish(index, out, value: value)
    }

    /// Sums of a node with their bias, in steps of `s_in * s_w[c]`; for a pool the sum over all pixels.
    func sums(_ index: Int, into out: FloatBuffer, windows: FloatBuffer, value: (Int) -> FloatBuffer) {
        let node = graph.nodes[index]
        let input = value(node.source)
        if let layer = layers[index] {
            layer.apply(input, into: out, FloatKernels.Finish(), scratch: windows)
        } else {
            let sums = kernels.channelSums(input, channels: node.shape.channels)
            out.resize(to: sums.count)
            unsafe out.withElements { out in for c in sums.indices { unsafe out[c] = Float(sums[c]) } }
        }
    }

    /// Turns sums to `q - zp`, or to logits.
    func finish(_ index: Int, _ out: FloatBuffer, value: (Int) -> FloatBuffer) {
        let node = graph.nodes[index]
        var finish = FloatKernels.Finish(multiplier: multipliers[index])
        let zero = Float(node.params.zeroPoint)
        switch node.operation {
        case .convolution(let convolution, let skip):
            (finish.low, finish.high) = (Float(convolution.low) - zero, Float(convolution.high) - zero)
            finish.rounds = true
            if let skip {
                finish.skip = value(skip)
                finish.skipMultiplier = Requantization.skipMultiplier(
                    skipScale: graph.params(ofValue: skip).scale, outputScale: node.params.scale)
            }
        case .globalAveragePool: (finish.low, finish.high, finish.rounds) = (-128 - zero, 127 - zero, true)
        case .dense, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: break
        }
        kernels.finish(out, channels: node.shape.channels, finish)
    }
}
