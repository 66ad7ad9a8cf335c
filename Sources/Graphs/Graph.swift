package import Tensors

/// A float network: its structure, and its parameters once they have been read.
///
/// Value 0 is the input, `(pixel - 128) / std`. Value i + 1 is the output of node i, so a node can only read what came
/// before it. Parameters are named after their node as PyTorch names them (`blocks.0.expand.conv.weight`) and laid out
/// as there: convolutions [O, I, k, k] (depthwise [C, 1, k, k]), dense layers [O, I], the rest [C].
package struct Graph: Sendable, Equatable {
    /// The network's name, such as `sm_v2`.
    package var network: String
    /// Height, width and the three colour channels of the input.
    package var input: Shape
    /// In topological order.
    package var nodes: [Node]
    /// Empty when only the structure is known; otherwise everything that `parameterSpecs` lists.
    package var parameters: [String: [Float]]

    package init(network: String, input: Shape, nodes: [Node], parameters: [String: [Float]] = [:]) {
        self.network = network
        self.input = input
        self.nodes = nodes
        self.parameters = parameters
    }

    /// The parameter of that name.
    /// - Throws: an error that names it when it is missing.
    package func parameter(_ name: String) throws(GraphError) -> [Float] {
        guard let values = parameters[name] else { throw GraphError(node: name, message: "has no values") }
        return values
    }
}

/// One operation with its output.
package struct Node: Sendable, Equatable {
    /// Unique within the graph; its parameters begin with it.
    package var name: String
    package var operation: Operation
    /// Value the operation reads.
    package var source: Int

    package enum Operation: Sendable, Equatable {
        /// Where `skip` names a value, that value is added before the clamp.
        case convolution(Convolution, skip: Int?)
        /// `(x - running_mean) / sqrt(running_var + epsilon) * weight + bias`, per channel.
        case batchNorm(epsilon: Float)
        /// Everything below `low` becomes `low`, everything above `high` becomes `high`; ReLU6 is 0 and 6.
        case clamp(Bounds)
        /// Sum with another value of the same shape.
        case add(other: Int)
        /// Mean over all pixels of each channel.
        case globalAveragePool
        /// Fully connected on a 1x1 value, with bias.
        case dense(outputs: Int)
    }

    package init(name: String, operation: Operation, source: Int) {
        self.name = name
        self.operation = operation
        self.source = source
    }
}

/// Geometry of a convolution, full or depthwise, with a square kernel.
package struct Convolution: Sendable, Equatable {
    /// Output channels; those of the input when depthwise.
    package var outputs: Int
    /// Rows and columns of the kernel.
    package var kernel: Int
    /// Step between outputs, in rows and in columns.
    package var stride: Int
    /// Zeros before the first and after the last row and column.
    package var padding: Int
    /// One filter per channel, or every output channel from every input channel.
    package var isDepthwise: Bool
    /// Whether the node has a parameter `bias`.
    package var hasBias: Bool
    /// Applied last; nil in a graph whose activations are nodes of their own, and in a linear layer.
    package var clamp: Bounds?

    package init(
        outputs: Int, kernel: Int, stride: Int, padding: Int, isDepthwise: Bool, hasBias: Bool = false,
        clamp: Bounds? = nil
    ) {
        self.outputs = outputs
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
        self.isDepthwise = isDepthwise
        self.hasBias = hasBias
        self.clamp = clamp
    }
}

/// Lower and upper bound of an activation.
package struct Bounds: Hashable, Sendable {
    package var low: Float
    package var high: Float

    package init(low: Float, high: Float) {
        self.low = low
        self.high = high
    }

    package static let relu6 = Bounds(low: 0, high: 6)
}
