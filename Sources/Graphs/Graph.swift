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
    /// What padding around the input reads as, a channel; empty stands for 0, which is pixel 128. Other values only where
    /// full convolutions alone read the input.
    package var inputPadding: [Float] = []
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
        case activation(Activation)
        /// Product with another value, of the same shape or of one pixel, which then counts for all.
        case multiply(other: Int)
        case pool(Pool)
        /// Channels of `source`, then those of the others, in order.
        case concat(others: [Int])
        case select(ChannelSelection)
        /// Output channel c is the largest of `size` neighbouring channels, from `c * size` on (seed 002's projection).
        case groupMaximum(size: Int)
    }

    /// Values the node reads, `source` first; one that is read twice occurs twice.
    package var sources: [Int] {
        switch operation {
        case .convolution(_, .some(let skip)): [source, skip]
        case .add(let other), .multiply(let other): [source, other]
        case .concat(let others): [source] + others
        case .convolution(_, nil), .batchNorm, .clamp, .globalAveragePool, .dense, .activation, .pool, .select,
            .groupMaximum:
            [source]
        }
    }

    /// The same node on other values.
    /// - Parameter number: the new number of each value.
    package func reading(_ number: (Int) -> Int) -> Node {
        var node = self
        node.source = number(source)
        switch operation {
        case .convolution(let convolution, let skip): node.operation = .convolution(convolution, skip: skip.map(number))
        case .add(let other): node.operation = .add(other: number(other))
        case .multiply(let other): node.operation = .multiply(other: number(other))
        case .concat(let others): node.operation = .concat(others: others.map(number))
        case .batchNorm, .clamp, .globalAveragePool, .dense, .activation, .pool, .select, .groupMaximum: break
        }
        return node
    }

    package init(name: String, operation: Operation, source: Int) {
        self.name = name
        self.operation = operation
        self.source = source
    }
}

/// Geometry of a convolution: full, in groups or depthwise.
package struct Convolution: Sendable, Equatable {
    /// Output channels; those of the input when depthwise.
    package var outputs: Int
    /// Padding holds zeros.
    package var window: Window
    /// One filter per channel.
    package var isDepthwise: Bool
    /// Group g of the outputs reads group g of the inputs; 1 when every output reads every input, and when depthwise.
    package var groups: Int
    /// Whether the node has a parameter `bias`.
    package var hasBias: Bool
    /// Applied last; nil in a graph whose activations are nodes of their own, and in a linear layer.
    package var clamp: Bounds?

    package init(
        outputs: Int, window: Window, isDepthwise: Bool = false, groups: Int = 1, hasBias: Bool = false,
        clamp: Bounds? = nil
    ) {
        self.outputs = outputs
        self.window = window
        self.isDepthwise = isDepthwise
        self.groups = groups
        self.hasBias = hasBias
        self.clamp = clamp
    }

    /// With a square kernel and the same padding on all sides.
    package init(
        outputs: Int, kernel: Int, stride: Int, padding: Int, isDepthwise: Bool, hasBias: Bool = false,
        clamp: Bounds? = nil
    ) {
        self.init(
            outputs: outputs, window: Window(kernel: kernel, stride: stride, padding: padding),
            isDepthwise: isDepthwise,
            hasBias: hasBias, clamp: clamp)
    }

    /// Input channels that one filter reads.
    package func filterInputs(of inputs: Int) -> Int { isDepthwise ? 1 : inputs / groups }
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
    package static let relu = Bounds(low: 0, high: .infinity)
}
