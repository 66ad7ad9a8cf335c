package import Graphs
package import Tensors

/// Runs a float graph, lowered or not: the oracle that calibration, reports and tests compare with. One picture at a time
/// on the calling thread; a value of this type may be used from several threads at once, each with its own workspace.
package struct FloatInterpreter: Sendable {
    package let graph: Graph
    /// Of every value; element 0 is the input.
    package let shapes: [Shape]
    /// Pixels per real unit of the input.
    package let std: Float
    let kernels: FloatKernels
    let plan: SlotPlan
    private let layers: [Layer]

    /// A node with its parameters laid out for the loops.
    private enum Layer: Sendable {
        case linear(LinearLayer)
        /// `y = x * factor + shift`
        case affine(factor: [Float], shift: [Float])
        case none
    }

    /// - Parameter std: pixels per real unit of the input.
    /// - Throws: when the graph is invalid or a parameter is missing, of the wrong size or not finite.
    package init(_ graph: Graph, std: Float) throws(GraphError) {
        try self.init(graph, std: std, kernels: FloatKernels())
    }

    init(_ graph: Graph, std: Float, kernels: FloatKernels) throws(GraphError) {
        try graph.checkParameters()
        self.graph = graph
        self.std = std
        self.kernels = kernels
        shapes = try graph.shapes()
        plan = SlotPlan(sources: graph.nodes.map(\.sources))
        var layers: [Layer] = []
        for (index, node) in graph.nodes.enumerated() {
            layers.append(
                try FloatInterpreter.layer(
                    node, graph, input: shapes[node.source], output: shapes[index + 1], kernels))
        }
        self.layers = layers
    }

    private static func layer(
        _ node: Node, _ graph: Graph, input: Shape, output: Shape, _ kernels: FloatKernels
    ) throws(GraphError) -> Layer {
        func parameter(_ suffix: String) throws(GraphError) -> [Float] { try graph.parameter("\(node.name).\(suffix)") }
        switch node.operation {
        case .convolution(let convolution, _):
            let weights = try graph.channelsLastWeights(of: node, convolution, inputs: input.channels)
            let bias = try graph.bias(of: node, convolution)
            return .linear(
                LinearLayer(
                    convolution, input: input, output: output, weights: weights, bias: bias,
                    padding: node.source == 0 ? graph.inputPadding : [], kernels: kernels))
        case .dense(let outputs):
            return .linear(
                LinearLayer(
                    LinearLayer.dense(outputs: outputs), input: input, output: output, weights: try parameter("weight"),
                    bias: try parameter("bias"), kernels: kernels))
        case .batchNorm(let epsilon):
            let (weight, bias) = (try parameter("weight"), try parameter("bias"))
            let (mean, variance) = (try parameter("running_mean"), try parameter("running_var"))
            let factor = weight.indices.map { weight[$0] / (variance[$0] + epsilon).squareRoot() }
            return .affine(factor: factor, shift: bias.indices.map { bias[$0] - mean[$0] * factor[$0] })
        case .clamp, .add, .globalAveragePool, .activation, .multiply, .pool, .concat, .select, .groupMaximum:
            return .none
        }
    }

    /// The layer of a node, where it has one.
    func linear(_ index: Int) -> LinearLayer? {
        if case .linear(let layer) = layers[index] { return layer }
        return nil
    }

    /// The network's input: `(pixel - 128) / std`.
    /// - Parameter pixels: RGB bytes, [height][width][3].
    package func input(pixels: [UInt8]) -> [Float] {
        precondition(pixels.count == graph.input.count, "a picture has the size of the network's input")
        return pixels.map { (Float($0) - 128) / std }
    }

    /// Where a value lies in the workspace, while somebody still reads it.
    func value(_ value: Int, in workspace: FloatWorkspace) -> FloatBuffer { workspace.slot(plan.slots[value]) }

    /// Runs one picture.
    /// - Parameters:
    ///   - pixels: RGB bytes, [height][width][3].
    ///   - workspace: of the calling thread.
    /// - Returns: the last value, which is the logits.
    package func run(pixels: [UInt8], in workspace: FloatWorkspace = FloatWorkspace()) -> [Float] {
        run(pixels: pixels, in: workspace, observe: { _, _ in })
    }

    /// Runs one picture.
    /// - Parameters:
    ///   - observe: is shown every value as it comes, first the input as value 0; what the node has read is then still
    ///     in the workspace.
    ///   - sums: where given, is shown the sums of every node before its clamp.
    func run(
        pixels: [UInt8], in workspace: FloatWorkspace, observe: (_ value: Int, _ elements: FloatBuffer) -> Void,
        sums: ((_ node: Int, _ elements: FloatBuffer) -> Void)? = nil
    ) -> [Float] {
        precondition(pixels.count == graph.input.count, "a picture has the size of the network's input")
        let first = value(0, in: workspace)
        first.resize(to: pixels.count)
        unsafe first.withElements { elements in
            for i in pixels.indices { unsafe elements[i] = (Float(pixels[i]) - 128) / std }
        }
        observe(0, first)
        for index in graph.nodes.indices {
            let out = value(index + 1, in: workspace)
            if let sums {
                apply(index, into: out, in: workspace, clamps: false)
                sums(index, out)
                if let bounds = graph.nodes[index].clamp {
                    kernels.finish(out, channels: shapes[index + 1].channels, .init(low: bounds.low, high: bounds.high))
                }
            } else {
                apply(index, into: out, in: workspace, clamps: true)
            }
            observe(index + 1, out)
        }
        return value(graph.nodes.count, in: workspace).elements
    }

    /// Computes the output of a node from the values in the workspace.
    /// - Parameter clamps: whether a clamp within a convolution is applied.
    func apply(_ index: Int, into out: FloatBuffer, in workspace: FloatWorkspace, clamps: Bool) {
        compute(index, into: out, windows: workspace.windows, clamps: clamps) { value($0, in: workspace) }
    }

    /// Computes the output of a node with another value in the place of one that it reads.
    func apply(
        _ index: Int, replacing value: Int, by other: FloatBuffer, into out: FloatBuffer, in workspace: FloatWorkspace
    ) {
        compute(index, into: out, windows: workspace.windows, clamps: true) {
            $0 == value ? other : self.value($0, in: workspace)
        }
    }

    private func compute(
        _ index: Int, into out: FloatBuffer, windows: FloatBuffer, clamps: Bool, value: (Int) -> FloatBuffer
    ) {
        let node = graph.nodes[index]
        let (input, channels) = (value(node.source), shapes[index + 1].channels)
        let shape = shapes[node.source]
        var finish = FloatKernels.Finish()
        switch (node.operation, layers[index]) {
        case (.convolution(let convolution, let skip), .linear(let layer)):
            finish.skip = skip.map(value)
            if clamps { finish.clamp(to: convolution.clamp) }
            layer.apply(input, into: out, finish, scratch: windows)
        case (.dense, .linear(let layer)): layer.apply(input, into: out, finish, scratch: windows)
        case (.batchNorm, .affine(let factor, let shift)):
            out.copy(input)
            finish.multiplier = factor
            kernels.finish(out, channels: channels, finish)
            unsafe out.withElements { out in for i in out.indices { unsafe out[i] += shift[i % channels] } }
        case (.clamp(let bounds), _):
            out.copy(input)
            finish.clamp(to: bounds)
            kernels.finish(out, channels: channels, finish)
        case (.add(let other), _):
            out.copy(input)
            finish.skip = value(other)
            kernels.finish(out, channels: channels, finish)
        case (.globalAveragePool, _):
            let pixels = Double(shape.pixels)
            let sums = kernels.channelSums(input, channels: channels)
            out.resize(to: channels)
            unsafe out.withElements { out in for c in sums.indices { unsafe out[c] = Float(sums[c] / pixels) } }
        case (.activation(let function), _): FloatLoops.map(input, into: out) { Float(function(Double($0))) }
        case (.multiply(let other), _): FloatLoops.multiply(input, value(other), into: out)
        case (.pool(let pool), _):
            FloatLoops.pool(input, shape, pool, shapes[index + 1], divides: true, into: out)
        case (.concat, _):
            out.resize(to: shapes[index + 1].count)
            var first = 0
            for source in node.sources {
                FloatLoops.place(
                    value(source), channels: shapes[source].channels, into: out, first: first, of: channels)
                first += shapes[source].channels
            }
        case (.select(let selection), _):
            FloatLoops.select(input, channels: shape.channels, selection, into: out)
        case (.groupMaximum(let size), _): FloatLoops.groupMaximum(input, size: size, into: out)
        default: preconditionFailure("a layer fits its node")
        }
    }
}

extension Node {
    /// The clamp within a convolution.
    var clamp: Bounds? {
        if case .convolution(let convolution, _) = operation { return convolution.clamp }
        return nil
    }
}

extension Graph {
    /// [outputs][taps][inputs], inputs 1 when depthwise.
    func channelsLastWeights(
        of node: Node, _ convolution: Convolution, inputs: Int
    ) throws(GraphError) -> [Float] {
        try parameter("\(node.name).weight").transposedToChannelsLast(
            outputs: convolution.outputs, inputs: convolution.filterInputs(of: inputs), taps: convolution.window.taps)
    }

    /// Zeros where the convolution has none.
    func bias(of node: Node, _ convolution: Convolution) throws(GraphError) -> [Float] {
        convolution.hasBias
            ? try parameter("\(node.name).bias") : [Float](repeating: 0, count: convolution.outputs)
    }
}
