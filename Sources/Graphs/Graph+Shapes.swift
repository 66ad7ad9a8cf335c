package import Tensors

/// One parameter tensor that a graph needs.
package struct ParameterSpec: Hashable, Sendable {
    package let name: String
    /// Extents, outermost first.
    package let dimensions: [Int]
    /// A running mean or variance: needed to run the network, not counted as a parameter.
    package let isStatistic: Bool

    /// Elements in all.
    package var count: Int { dimensions.reduce(1, *) }
}

extension Graph {
    /// Shape of every value; element 0 is the input, element i + 1 the output of node i.
    /// - Throws: an error that names the first node that cannot be.
    package func shapes() throws(GraphError) -> [Shape] {
        try ShapeRules.check(input: input)
        try ShapeRules.check(names: nodes.map(\.name))
        try checkInputPadding()
        var shapes = [input]
        for node in nodes { shapes.append(try Graph.shape(of: node, after: shapes)) }
        return shapes
    }

    /// Shape of the output of a node that follows values of known shapes.
    package static func shape(of node: Node, after shapes: [Shape]) throws(GraphError) -> Shape {
        try ShapeRules.check(node: node.name, index: shapes.count - 1, sources: node.sources)
        let source = shapes[node.source]
        let shape: Shape
        switch node.operation {
        case .convolution(let convolution, let skip):
            shape = try ShapeRules.convolution(
                node: node.name, input: source, outputs: convolution.outputs, window: convolution.window,
                isDepthwise: convolution.isDepthwise, groups: convolution.groups)
            if let skip {
                _ = try ShapeRules.add(node: node.name, shape, shapes[skip])
            }
            if let clamp = convolution.clamp { try clamp.check(node: node.name) }
        case .batchNorm(let epsilon):
            guard epsilon.isFinite && epsilon > 0 else {
                throw GraphError(node: node.name, message: "epsilon \(epsilon) is not a positive number")
            }
            shape = source
        case .clamp(let bounds):
            try bounds.check(node: node.name)
            shape = source
        case .add(let other):
            shape = try ShapeRules.add(node: node.name, source, shapes[other])
        case .globalAveragePool:
            shape = Shape(channels: source.channels)
        case .dense(let outputs):
            shape = try ShapeRules.dense(node: node.name, input: source, outputs: outputs)
        case .activation: shape = source
        case .multiply(let other): shape = try ShapeRules.multiply(node: node.name, source, shapes[other])
        case .pool(let pool): shape = try ShapeRules.pool(node: node.name, pool, input: source)
        case .concat: shape = try ShapeRules.concat(node: node.name, node.sources.map { shapes[$0] })
        case .select(let selection):
            shape = try ShapeRules.select(node: node.name, selection, input: source)
        case .groupMaximum(let size):
            shape = try ShapeRules.groupMaximum(node: node.name, size: size, input: source)
        }
        return shape
    }

    private func checkInputPadding() throws(GraphError) {
        guard inputPadding.contains(where: { $0 != 0 }) else { return }
        guard inputPadding.count == input.channels, inputPadding.allSatisfy(\.isFinite) else {
            throw GraphError(node: "input", message: "padding \(inputPadding) is not one number a channel")
        }
        for node in nodes where node.sources.contains(0) {
            if case .convolution(let convolution, let skip) = node.operation, !convolution.isDepthwise, skip != 0 {
                continue
            }
            throw GraphError(
                node: node.name, message: "reads an input whose padding is not pixel 128; only full convolutions may")
        }
    }

    /// Every parameter tensor the graph needs, in node order.
    package func parameterSpecs() throws(GraphError) -> [ParameterSpec] {
        let shapes = try shapes()
        return nodes.enumerated().flatMap { index, node in
            node.parameterSpecs(inputs: shapes[node.source].channels)
        }
    }

    /// Checks that every parameter is there, has the right number of elements and is finite.
    package func checkParameters() throws(GraphError) {
        for spec in try parameterSpecs() {
            let values = try parameter(spec.name)
            guard values.count == spec.count else {
                throw GraphError(
                    node: spec.name, message: "has \(values.count) elements where \(spec.dimensions) are needed")
            }
            guard values.allSatisfy(\.isFinite) else {
                throw GraphError(node: spec.name, message: "holds a value that is not finite")
            }
            guard !spec.name.hasSuffix(".running_var") || values.allSatisfy({ $0 >= 0 }) else {
                throw GraphError(node: spec.name, message: "holds a negative variance")
            }
        }
    }

    /// Trained parameters: weights, biases, and the scale and shift of batch normalisation; not its running statistics.
    package func parameterCount() throws(GraphError) -> Int {
        try parameterSpecs().reduce(0) { $0 + ($1.isStatistic ? 0 : $1.count) }
    }

    /// Multiply-accumulates of the convolutions and the dense layers for one picture.
    package func macs() throws(GraphError) -> Int {
        let shapes = try shapes()
        return nodes.enumerated().reduce(0) { sum, item in
            let (input, output) = (shapes[item.element.source], shapes[item.offset + 1])
            switch item.element.operation {
            case .convolution(let convolution, _):
                return sum + output.count * convolution.window.taps * convolution.filterInputs(of: input.channels)
            case .dense(let outputs): return sum + input.channels * outputs
            case .batchNorm, .clamp, .add, .globalAveragePool, .activation, .multiply, .pool, .concat, .select,
                .groupMaximum:
                return sum
            }
        }
    }
}

extension Node {
    /// - Parameter inputs: channels of the value the node reads.
    package func parameterSpecs(inputs: Int) -> [ParameterSpec] {
        func spec(_ suffix: String, _ dimensions: [Int], isStatistic: Bool = false) -> ParameterSpec {
            ParameterSpec(name: "\(name).\(suffix)", dimensions: dimensions, isStatistic: isStatistic)
        }
        switch operation {
        case .convolution(let convolution, _):
            let (outputs, window) = (convolution.outputs, convolution.window)
            let weight = spec(
                "weight", [outputs, convolution.filterInputs(of: inputs), window.height, window.width])
            return convolution.hasBias ? [weight, spec("bias", [outputs])] : [weight]
        case .batchNorm:
            return [
                spec("weight", [inputs]), spec("bias", [inputs]), spec("running_mean", [inputs], isStatistic: true),
                spec("running_var", [inputs], isStatistic: true),
            ]
        case .dense(let outputs): return [spec("weight", [outputs, inputs]), spec("bias", [outputs])]
        case .clamp, .add, .globalAveragePool, .activation, .multiply, .pool, .concat, .select, .groupMaximum:
            return []
        }
    }
}

extension Bounds {
    func check(node: String) throws(GraphError) {
        guard low <= 0 && high > 0 && low.isFinite else {
            throw GraphError(node: node, message: "clamps to \(low)...\(high); bounds around 0 are needed")
        }
    }
}
