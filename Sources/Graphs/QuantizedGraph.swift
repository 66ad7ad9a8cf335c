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
            let perOutput = convolution.kernel * convolution.kernel * (convolution.isDepthwise ? 1 : input.channels)
            return shape.count * perOutput
        case .dense(let dense): return dense.weights.count
        case .globalAveragePool: return 0
        }
    }
}

/// Weights and geometry of a convolution, full or depthwise, with a square kernel.
package struct QuantizedConvolution: Sendable, Equatable {
    /// Rows and columns of the kernel.
    package var kernel: Int
    /// Step between outputs, in rows and in columns.
    package var stride: Int
    /// Zero pixels before the first and after the last row and column; padding reads as real 0.
    package var padding: Int
    /// One filter per channel, or every output channel from every input channel.
    package var isDepthwise: Bool
    /// [O, kernel, kernel, I] in [-127, 127]; I is 1 when depthwise.
    package var weights: [Int8]
    /// [O] real value of one weight step per output channel; finite and positive.
    package var weightScales: [Float]
    /// [O] in steps of `s_in * weightScales[c]`.
    package var bias: [Int32]
    /// Logical bounds of the output: a ReLU6 is [q(0), q(6)], a linear layer [-128, 127].
    package var low: Int8
    package var high: Int8

    package init(
        kernel: Int, stride: Int, padding: Int, isDepthwise: Bool, weights: [Int8], weightScales: [Float],
        bias: [Int32], low: Int8, high: Int8
    ) {
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.isDepthwise = isDepthwise
        self.weights = weights
        self.weightScales = weightScales
        self.bias = bias
        self.low = low
        self.high = high
    }
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
