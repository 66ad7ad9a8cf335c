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
        var shapes = [input]
        for (index, node) in nodes.enumerated() {
            try ShapeRules.checkSource(node: node.name, index: index, source: node.source)
            let source = shapes[node.source]
            let shape: Shape
            switch node.operation {
            case .convolution(let convolution, let skip):
                shape = try ShapeRules.convolution(
                    node: node.name, input: source, outputs: convolution.outputs, kernel: convolution.kernel,
                    stride: convolution.stride, padding: convolution.padding, isDepthwise: convolution.isDepthwise)
                if let skip {
                    try ShapeRules.checkSource(node: node.name, index: index, source: skip)
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
                try ShapeRules.checkSource(node: node.name, index: index, source: other)
                shape = try ShapeRules.add(node: node.name, source, shapes[other])
            case .globalAveragePool:
                shape = Shape(channels: source.channels)
            case .dense(let outputs):
                shape = try ShapeRules.dense(node: node.name, input: source, outputs: outputs)
            }
            shapes.append(shape)
        }
        return shapes
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
                let window = convolution.kernel * convolution.kernel
                return sum + output.count * window * (convolution.isDepthwise ? 1 : input.channels)
            case .dense(let outputs): return sum + input.channels * outputs
            case .batchNorm, .clamp, .add, .globalAveragePool: return sum
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
            let (outputs, kernel) = (convolution.outputs, convolution.kernel)
            let weight = spec("weight", [outputs, convolution.isDepthwise ? 1 : inputs, kernel, kernel])
            return convolution.hasBias ? [weight, spec("bias", [outputs])] : [weight]
        case .batchNorm:
            return [
                spec("weight", [inputs]), spec("bias", [inputs]), spec("running_mean", [inputs], isStatistic: true),
                spec("running_var", [inputs], isStatistic: true),
            ]
        case .dense(let outputs): return [spec("weight", [outputs, inputs]), spec("bias", [outputs])]
        case .clamp, .add, .globalAveragePool: return []
        }
    }
}

extension Bounds {
    func check(node: String) throws(GraphError) {
        guard low.isFinite && high.isFinite && low <= 0 && high > 0 else {
            throw GraphError(node: node, message: "clamps to \(low)...\(high); finite bounds around 0 are needed")
        }
    }
}
