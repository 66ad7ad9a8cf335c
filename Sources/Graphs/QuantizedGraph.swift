package import Tensors

/// An int8 network, CPU-neutral: what the model file holds and what a plan is made from.
///
/// Value 0 is the input: the camera's bytes, logical q = pixel - 128, zero point 0. Value i + 1 is the output of node i,
/// so a node can only read what came before it. Integer arithmetic follows one rule, stated in
/// `Sources/CKernels/include/tsr_requant.h`.
package struct QuantizedGraph: Sendable, Equatable {
    /// The network's name, such as `sm_v2`.
    package var network: String
    /// Height, width and the three colour channels of the input.
    package var input: Shape
    /// Real value of one pixel step of the input: 1 / std.
    package var inputParams: QuantParams
    /// In topological order; the last one is the dense layer that yields the logits.
    package var nodes: [QuantizedNode]
    /// Logical bytes that padding around the input holds, a channel; empty stands for 0. Other values only where full
    /// convolutions alone read the input.
    package var inputPadding: [Int8] = []

    package init(network: String, input: Shape, inputParams: QuantParams, nodes: [QuantizedNode]) {
        self.network = network
        self.input = input
        self.inputParams = inputParams
        self.nodes = nodes
    }

    /// Shape of value `index` (0 is the input).
    package func shape(ofValue index: Int) -> Shape { index == 0 ? input : nodes[index - 1].shape }

    /// Quantization of value `index` (0 is the input).
    package func params(ofValue index: Int) -> QuantParams { index == 0 ? inputParams : nodes[index - 1].params }

    /// Multiply-accumulates of one inference; bias, requantization, pooling and skips are not counted.
    package var macs: Int { nodes.reduce(0) { $0 + $1.macs(input: shape(ofValue: $1.source)) } }

    /// Logical bytes that padding around a value holds, a channel.
    package func padding(ofValue index: Int) -> [Int8] {
        if index == 0 && !inputPadding.isEmpty { return inputPadding }
        return [Int8](repeating: params(ofValue: index).zeroPoint, count: shape(ofValue: index).channels)
    }
}

/// One operation with its output.
package struct QuantizedNode: Sendable, Equatable {
    /// Unique within the graph, such as `blocks.3.expand`.
    package var name: String
    package var operation: Operation
    /// Value the operation reads.
    package var source: Int
    /// Shape of the output.
    package var shape: Shape
    /// Quantization of the output. A dense layer yields real logits and ignores it.
    package var params: QuantParams

    package enum Operation: Sendable, Equatable {
        /// Convolution with bias, clamp and, where `skip` names a value, the sum with it in the same rounding.
        case convolution(QuantizedConvolution, skip: Int?)
        /// Mean over all pixels of each channel: `q = clamp(rne(f32(sum(q_in - zp_in)) * m) + zp)`,
        /// `m = f32(s_in / (s_out * pixels))`.
        case globalAveragePool
        /// Fully connected on a 1x1 value. Real logits: `f32(acc) * f32(s_in * s_w[c])`, no output quantization.
        case dense(QuantizedDense)
        /// Any function of one byte: output byte of every input byte -128...127, in this order.
        case table([Int8])
        /// `q = clamp(rne(f32(q_a - zp_a) * m_a + f32(q_b - zp_b) * m_b) + zp, low, high)`, `m_i = f32(s_i / s_out)`.
        case add(other: Int, low: Int8, high: Int8)
        /// `q = clamp(rne(f32((q_a - zp_a) * (q_b - zp_b)) * m) + zp)`, `m = f32(s_a * s_b / s_out)`; a second operand of
        /// one pixel counts for all.
        case multiply(other: Int)
        /// A maximum keeps the bytes and so the quantization of its input. A mean is
        /// `q = clamp(rne(f32(sum(q_in - zp_in)) * m) + zp)`, `m = f32(s_in / (s_out * divisor))`, over the pixels inside.
        case pool(Pool)
        /// Channels of `source`, then of the others. Bytes of the same quantization are copied; others become
        /// `q = clamp(rne(f32(q_in - zp_in) * f32(s_in / s_out)) + zp)`.
        case concat(others: [Int])
        /// Copies bytes; keeps the quantization.
        case select(ChannelSelection)
        /// The largest of `size` neighbouring channels; keeps the quantization.
        case groupMaximum(size: Int)
    }

    /// Values the node reads, `source` first.
    package var sources: [Int] {
        switch operation {
        case .convolution(_, .some(let skip)): [source, skip]
        case .add(let other, _, _), .multiply(let other): [source, other]
        case .concat(let others): [source] + others
        case .convolution(_, nil), .globalAveragePool, .dense, .table, .pool, .select, .groupMaximum: [source]
        }
    }

    /// Whether the output's bytes mean what the input's bytes mean.
    package var keepsQuantization: Bool {
        switch operation {
        case .select, .groupMaximum: true
        case .pool(let pool): pool.kind == .maximum
        case .convolution, .globalAveragePool, .dense, .table, .add, .multiply, .concat: false
        }
    }

    package init(name: String, operation: Operation, source: Int, shape: Shape, params: QuantParams) {
        self.name = name
        self.operation = operation
        self.source = source
        self.shape = shape
        self.params = params
    }

    /// Multiply-accumulates of this node.
    package func macs(input: Shape) -> Int {
        switch operation {
        case .convolution(let convolution, _):
            return shape.count * convolution.window.taps * convolution.filterInputs(of: input.channels)
        case .dense(let dense): return dense.weights.count
        case .globalAveragePool, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: return 0
        }
    }
}

/// Weights and geometry of a convolution: full, in groups or depthwise.
package struct QuantizedConvolution: Sendable, Equatable {
    /// Padding reads as real 0 (of the input: as `inputPadding`).
    package var window: Window
    /// One filter per channel.
    package var isDepthwise: Bool
    /// Group g of the outputs reads group g of the inputs; 1 when every output reads every input, and when depthwise.
    package var groups: Int
    /// [O, kernel height, kernel width, I / groups] in [-127, 127]; 1 input when depthwise.
    package var weights: [Int8]
    /// [O] real value of one weight step per output channel; finite and positive.
    package var weightScales: [Float]
    /// [O] in steps of `s_in * weightScales[c]`.
    package var bias: [Int32]
    /// Logical bounds of the output: a ReLU6 is [q(0), q(6)], a linear layer [-128, 127].
    package var low: Int8
    package var high: Int8

    package init(
        window: Window, isDepthwise: Bool = false, groups: Int = 1, weights: [Int8], weightScales: [Float],
        bias: [Int32], low: Int8, high: Int8
    ) {
        self.window = window
        self.isDepthwise = isDepthwise
        self.groups = groups
        self.weights = weights
        self.weightScales = weightScales
        self.bias = bias
        self.low = low
        self.high = high
    }

    /// With a square kernel and the same padding on all sides.
    package init(
        kernel: Int, stride: Int, padding: Int, isDepthwise: Bool, weights: [Int8], weightScales: [Float],
        bias: [Int32], low: Int8, high: Int8
    ) {
        self.init(
            window: Window(kernel: kernel, stride: stride, padding: padding), isDepthwise: isDepthwise,
            weights: weights, weightScales: weightScales, bias: bias, low: low, high: high)
    }

    /// Input channels that one filter reads.
    package func filterInputs(of inputs: Int) -> Int { isDepthwise ? 1 : inputs / groups }

    /// Whether this is a 1x1 convolution of all channels, pixel by pixel.
    package var isPointwise: Bool { window.isPointwise && !isDepthwise && groups == 1 }
}

/// Weights of the last layer.
package struct QuantizedDense: Sendable, Equatable {
    /// [O, I] in [-127, 127].
    package var weights: [Int8]
    /// [O] real value of one weight step per output.
    package var weightScales: [Float]
    /// [O] in steps of `s_in * weightScales[c]`.
    package var bias: [Int32]

    package init(weights: [Int8], weightScales: [Float], bias: [Int32]) {
        self.weights = weights
        self.weightScales = weightScales
        self.bias = bias
    }
}
