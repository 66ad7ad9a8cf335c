import Tensors

extension QuantizedGraph {
    /// Checks everything that later stages rely on, so that no file can make them overflow, read outside a tensor or run
    /// without bound: topological order, shapes, counts, weights in [-127, 127], sane scales, clamp bounds, accumulators
    /// within s32, requantized values within s32, and one dense layer at the end.
    /// - Throws: an error that names the first offending node.
    package func validate() throws(GraphError) {
        try ShapeRules.check(input: input)
        try ShapeRules.check(names: nodes.map(\.name))
        try check(scale: inputParams.scale, of: "input", what: "scale")
        guard inputParams.zeroPoint == 0 else {
            throw GraphError(node: "input", message: "zero point \(inputParams.zeroPoint); pixels need 0")
        }
        try checkInputPadding()
        var totalMACs = 0
        for (index, node) in nodes.enumerated() {
            try ShapeRules.check(node: node.name, index: index, sources: node.sources)
            let source = shape(ofValue: node.source)
            try check(scale: node.params.scale, of: node.name, what: "output scale")
            let shape: Shape
            switch node.operation {
            case .convolution(let convolution, let skip):
                shape = try check(convolution, skip: skip, node: node, input: source)
            case .globalAveragePool:
                shape = Shape(channels: source.channels)
                try checkPool(node: node, input: source)
            case .dense(let dense):
                guard index == nodes.count - 1 else {
                    throw GraphError(node: node.name, message: "is dense but not the last node")
                }
                shape = try check(dense, node: node, input: source)
            default: shape = try checkSimple(node, input: source)
            }
            if node.keepsQuantization && node.params != params(ofValue: node.source) {
                throw GraphError(node: node.name, message: "changes the quantization of bytes that it only moves")
            }
            guard shape == node.shape else {
                throw GraphError(node: node.name, message: "claims the output \(node.shape) but yields \(shape)")
            }
            totalMACs += node.macs(input: source)
        }
        guard totalMACs <= GraphLimits.macs else {
            throw GraphError(
                node: "graph", message: "needs \(totalMACs) MACs a picture; \(GraphLimits.macs) is the limit")
        }
        guard case .dense = nodes[nodes.count - 1].operation else {
            throw GraphError(node: nodes[nodes.count - 1].name, message: "is the last node and must be dense")
        }
    }

    private func check(
        _ convolution: QuantizedConvolution, skip: Int?, node: QuantizedNode, input: Shape
    ) throws(GraphError) -> Shape {
        let shape = try ShapeRules.convolution(
            node: node.name, input: input, outputs: node.shape.channels, window: convolution.window,
            isDepthwise: convolution.isDepthwise, groups: convolution.groups)
        guard convolution.low <= convolution.high else {
            throw GraphError(node: node.name, message: "clamps to \(convolution.low)...\(convolution.high)")
        }
        let perOutput = convolution.window.taps * convolution.filterInputs(of: input.channels)
        guard perOutput <= GraphLimits.depth else {
            throw GraphError(
                node: node.name, message: "adds \(perOutput) products; \(GraphLimits.depth) is the limit")
        }
        let accumulators = try checkWeights(
            convolution.weights, convolution.weightScales, convolution.bias, node: node, perOutput: perOutput)
        let inputScale = params(ofValue: node.source).scale
        var skipped: Float = 0
        if let skip {
            _ = try ShapeRules.add(node: node.name, shape, self.shape(ofValue: skip))
            let multiplier = Requantization.skipMultiplier(
                skipScale: params(ofValue: skip).scale, outputScale: node.params.scale)
            skipped = 255 * multiplier
        }
        for (channel, bound) in accumulators.enumerated() {
            let multiplier = Requantization.multiplier(
                inputScale: inputScale, weightScale: convolution.weightScales[channel], outputScale: node.params.scale)
            try checkRequantized(Float(bound) * multiplier + skipped, multiplier: multiplier, node: node)
        }
        return shape
    }

    private func check(
        _ dense: QuantizedDense, node: QuantizedNode, input: Shape
    ) throws(GraphError) -> Shape {
        let shape = try ShapeRules.dense(node: node.name, input: input, outputs: node.shape.channels)
        _ = try checkWeights(
            dense.weights, dense.weightScales, dense.bias, node: node, perOutput: input.channels)
        return shape
    }

    func checkPool(node: QuantizedNode, input: Shape) throws(GraphError) {
        guard input.pixels <= 1 << 22 else {
            throw GraphError(node: node.name, message: "pools \(input.pixels) pixels; 4 Mi is the limit")
        }
        let multiplier = Requantization.poolMultiplier(
            inputScale: params(ofValue: node.source).scale, outputScale: node.params.scale, pixels: input.pixels)
        try checkRequantized(Float(255 * input.pixels) * multiplier, multiplier: multiplier, node: node)
    }

    /// Checks counts, weights, scales and biases; returns the largest absolute accumulator per output channel.
    private func checkWeights(
        _ weights: [Int8], _ scales: [Float], _ bias: [Int32], node: QuantizedNode, perOutput: Int
    ) throws(GraphError) -> [Int64] {
        func bad(_ message: String) -> GraphError { GraphError(node: node.name, message: message) }
        let outputs = node.shape.channels
        guard weights.count == outputs * perOutput, scales.count == outputs, bias.count == outputs else {
            throw bad(
                "has \(weights.count) weights, \(scales.count) scales and \(bias.count) biases where "
                    + "\(outputs * perOutput), \(outputs) and \(outputs) are needed")
        }
        guard !weights.contains(-128) else { throw bad("has a weight of -128; weights lie in [-127, 127]") }
        for scale in scales { try check(scale: scale, of: node.name, what: "weight scale") }
        var bounds: [Int64] = []
        bounds.reserveCapacity(outputs)
        for channel in 0..<outputs {
            // |q - zp| <= 255 for any input byte.
            let sum = weights[channel * perOutput..<(channel + 1) * perOutput].reduce(Int64(0)) {
                $0 + Int64($1.magnitude)
            }
            let bound = sum * 255 + Int64(bias[channel].magnitude)
            guard bound <= Int64(Int32.max) else {
                throw bad("channel \(channel) can overflow its 32-bit accumulator (bias \(bias[channel]))")
            }
            bounds.append(bound)
        }
        return bounds
    }

    /// Scales of real networks lie within a few powers of ten around 1e-3; products of two of these stay normal floats.
    private func check(scale: Float, of node: String, what: String) throws(GraphError) {
        guard scale.isFinite && scale >= 1e-12 && scale <= 1e6 else {
            throw GraphError(node: node, message: "\(what) \(scale) is outside 1e-12...1e6")
        }
    }

    /// The rounded value must fit s32 with room for the zero point.
    func checkRequantized(_ bound: Float, multiplier: Float, node: QuantizedNode) throws(GraphError) {
        guard multiplier.isNormal && bound < 0x1p30 else {
            throw GraphError(
                node: node.name, message: "its scales make values of up to \(bound) steps; 2^30 is the limit")
        }
    }
}
