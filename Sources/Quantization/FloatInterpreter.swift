package import Graphs
package import Tensors

/// Runs a float graph, lowered or not: the oracle that calibration, reports and tests compare with. One picture at a time
/// on the calling thread; a value of this type may be used from several threads at once.
package struct FloatInterpreter: Sendable {
    package let graph: Graph
    /// Of every value; element 0 is the input.
    package let shapes: [Shape]
    /// Index of the last node that reads each value; the graph's end for the last one.
    let lastReaders: [Int]
    /// Pixels per real unit of the input.
    package let std: Float
    private let layers: [Layer]

    /// A node with its parameters laid out for the loops.
    private enum Layer: Sendable {
        /// Weights in panels, columns [kernel][kernel][inputs].
        case matrix(packed: [Float], bias: [Float])
        /// Weights [kernel * kernel][channels].
        case depthwise(weights: [Float], bias: [Float])
        /// `y = x * factor + shift`
        case affine(factor: [Float], shift: [Float])
        case none
    }

    /// - Parameter std: pixels per real unit of the input.
    /// - Throws: when the graph is invalid or a parameter is missing, of the wrong size or not finite.
    package init(_ graph: Graph, std: Float) throws(GraphError) {
        try graph.checkParameters()
        self.graph = graph
        self.std = std
        shapes = try graph.shapes()
        lastReaders = graph.lastReaders
        var layers: [Layer] = []
        for node in graph.nodes { layers.append(try FloatInterpreter.layer(node, graph, inputs: shapes[node.source])) }
        self.layers = layers
    }

    private static func layer(_ node: Node, _ graph: Graph, inputs: Shape) throws(GraphError) -> Layer {
        func parameter(_ suffix: String) throws(GraphError) -> [Float] { try graph.parameter("\(node.name).\(suffix)") }
        switch node.operation {
        case .convolution(let convolution, _):
            let (outputs, taps) = (convolution.outputs, convolution.kernel * convolution.kernel)
            let bias = convolution.hasBias ? try parameter("bias") : [Float](repeating: 0, count: outputs)
            let weights = try parameter("weight").transposedToChannelsLast(
                outputs: outputs, inputs: convolution.isDepthwise ? 1 : inputs.channels, taps: taps)
            guard convolution.isDepthwise else {
                let depth = taps * inputs.channels
                return .matrix(packed: FloatKernels.pack(weights, columns: outputs, depth: depth), bias: bias)
            }
            return .depthwise(weights: weights.transposed(rows: outputs, columns: taps), bias: bias)
        case .dense(let outputs):
            let weights = try parameter("weight")
            return .matrix(
                packed: FloatKernels.pack(weights, columns: outputs, depth: inputs.channels),
                bias: try parameter("bias"))
        case .batchNorm(let epsilon):
            let (weight, bias) = (try parameter("weight"), try parameter("bias"))
            let (mean, variance) = (try parameter("running_mean"), try parameter("running_var"))
            let factor = weight.indices.map { weight[$0] / (variance[$0] + epsilon).squareRoot() }
            return .affine(factor: factor, shift: bias.indices.map { bias[$0] - mean[$0] * factor[$0] })
        case .clamp, .add, .globalAveragePool: return .none
        }
    }

    /// The network's input: `(pixel - 128) / std`.
    /// - Parameter pixels: RGB bytes, [height][width][3].
    package func input(pixels: [UInt8]) -> [Float] {
        precondition(pixels.count == graph.input.count, "a picture has the size of the network's input")
        return pixels.map { (Float($0) - 128) / std }
    }

    /// Runs one picture.
    /// - Parameters:
    ///   - pixels: RGB bytes, [height][width][3].
    ///   - observe: is shown every value as it comes, first the input as value 0.
    /// - Returns: the last value, which is the logits.
    package func run(pixels: [UInt8], observe: (_ value: Int, _ elements: [Float]) -> Void = { _, _ in }) -> [Float] {
        var values = [[Float]](repeating: [], count: graph.nodes.count + 1)
        values[0] = input(pixels: pixels)
        observe(0, values[0])
        for index in graph.nodes.indices {
            values[index + 1] = clamped(sum(node: index, values: values), node: index)
            observe(index + 1, values[index + 1])
            for value in graph.nodes[index].sources where lastReaders[value] == index { values[value] = [] }
        }
        return values[graph.nodes.count]
    }

    /// Output of a node before its clamp, [height][width][channels].
    /// - Parameter values: by number; those that the node reads must be there.
    func sum(node index: Int, values: [[Float]]) -> [Float] {
        let node = graph.nodes[index]
        let (input, shape, out) = (values[node.source], shapes[node.source], shapes[index + 1])
        precondition(input.count == shape.count)
        switch (node.operation, layers[index]) {
        case (.convolution(let convolution, let skip), .matrix(let packed, let bias)):
            let taps = convolution.kernel * convolution.kernel
            let patches = taps == 1 && convolution.stride == 1 ? input : patches(input, shape, convolution, out)
            var result = FloatKernels.multiply(
                patches, rows: out.pixels, depth: taps * shape.channels, packed: packed, bias: bias,
                columns: out.channels)
            if let skip { result.add(values[skip]) }
            return result
        case (.convolution(let convolution, let skip), .depthwise(let weights, let bias)):
            var result = FloatKernels.depthwise(
                input, height: shape.height, width: shape.width, channels: shape.channels, weights: weights, bias: bias,
                kernel: convolution.kernel, stride: convolution.stride, padding: convolution.padding,
                outHeight: out.height, outWidth: out.width)
            if let skip { result.add(values[skip]) }
            return result
        case (.dense, .matrix(let packed, let bias)):
            return FloatKernels.multiply(
                input, rows: 1, depth: shape.channels, packed: packed, bias: bias, columns: out.channels)
        case (.batchNorm, .affine(let factor, let shift)):
            return input.indices.map { input[$0] * factor[$0 % shape.channels] + shift[$0 % shape.channels] }
        case (.clamp, _): return input
        case (.add(let other), _):
            var result = input
            result.add(values[other])
            return result
        case (.globalAveragePool, _):
            var sums = [Double](repeating: 0, count: shape.channels)
            for i in input.indices { sums[i % shape.channels] += Double(input[i]) }
            return sums.map { Float($0 / Double(shape.pixels)) }
        default: preconditionFailure("a layer fits its node")
        }
    }

    /// Applies the clamp of a node, where it has one.
    func clamped(_ elements: [Float], node index: Int) -> [Float] {
        switch graph.nodes[index].operation {
        case .clamp(let bounds): elements.clamped(to: bounds)
        case .convolution(let convolution, _): convolution.clamp.map { elements.clamped(to: $0) } ?? elements
        case .batchNorm, .add, .globalAveragePool, .dense: elements
        }
    }

    /// Every window of the input as one row [kernel][kernel][channels], zeros outside.
    private func patches(_ input: [Float], _ shape: Shape, _ convolution: Convolution, _ out: Shape) -> [Float] {
        let (kernel, channels) = (convolution.kernel, shape.channels)
        var patches = [Float](repeating: 0, count: out.pixels * kernel * kernel * channels)
        var row = 0
        for y in 0..<out.height {
            for x in 0..<out.width {
                for tap in 0..<kernel * kernel {
                    let sourceY = y * convolution.stride + tap / kernel - convolution.padding
                    let sourceX = x * convolution.stride + tap % kernel - convolution.padding
                    if (0..<shape.height).contains(sourceY) && (0..<shape.width).contains(sourceX) {
                        let source = (sourceY * shape.width + sourceX) * channels
                        for c in 0..<channels { patches[row + c] = input[source + c] }
                    }
                    row += channels
                }
            }
        }
        return patches
    }
}

extension Node {
    /// Values the node reads.
    var sources: [Int] {
        switch operation {
        case .convolution(_, .some(let skip)): [source, skip]
        case .add(let other): [source, other]
        case .convolution(_, nil), .batchNorm, .clamp, .globalAveragePool, .dense: [source]
        }
    }
}

extension Graph {
    /// Index of the last node that reads each value; `nodes.count` for values nobody reads.
    var lastReaders: [Int] {
        var last = [Int](repeating: nodes.count, count: nodes.count + 1)
        for (index, node) in nodes.enumerated() { for value in node.sources { last[value] = index } }
        return last
    }
}

extension [Float] {
    /// From PyTorch's [outputs][inputs][taps] to [outputs][taps][inputs].
    func transposedToChannelsLast(outputs: Int, inputs: Int, taps: Int) -> [Float] {
        var result = self
        for output in 0..<outputs {
            let base = output * inputs * taps
            for input in 0..<inputs {
                for tap in 0..<taps { result[base + tap * inputs + input] = self[base + input * taps + tap] }
            }
        }
        return result
    }

    /// From [rows][columns] to [columns][rows].
    func transposed(rows: Int, columns: Int) -> [Float] {
        var result = self
        for row in 0..<rows { for column in 0..<columns { result[column * rows + row] = self[row * columns + column] } }
        return result
    }

    mutating func add(_ other: [Float]) {
        precondition(count == other.count)
        for i in indices { self[i] += other[i] }
    }

    func clamped(to bounds: Bounds) -> [Float] { map { Swift.min(Swift.max($0, bounds.low), bounds.high) } }
}
