import Tensors

/// A network that is no table of separable blocks: a name and what builds its graph. Nodes are named as torchvision or
/// timm name their modules, so that parameters carry the names of their weights.
package struct Architecture: Sendable {
    /// As in files and on the command line, such as `resnet101`.
    package let name: String
    /// As in its paper, such as `ResNet-101`.
    package let title: String
    /// Rows and columns of its input.
    package let extent: Int
    /// What the papers among the seeds say of it.
    package let paper: PaperFigures?
    /// Number of logits that those figures count.
    package let classes: Int
    private let build: @Sendable (inout Assembler) throws(GraphError) -> Void

    init(
        name: String, title: String, extent: Int = 224, paper: PaperFigures? = nil, classes: Int = 1000,
        build: @escaping @Sendable (inout Assembler) throws(GraphError) -> Void
    ) {
        self.name = name
        self.title = title
        self.extent = extent
        self.paper = paper
        self.classes = classes
        self.build = build
    }

    /// The network as a float graph without parameters.
    /// - Parameter extent: rows and columns of the input; its own when nil.
    package func graph(classes: Int, extent: Int? = nil) throws(GraphError) -> Graph {
        let extent = extent ?? self.extent
        guard extent > 0 else { throw GraphError(node: "input", message: "is \(extent)x\(extent)") }
        var assembler = Assembler(
            graph: Graph(
                network: name, input: Shape(height: extent, width: extent, channels: 3), nodes: []), classes: classes)
        try build(&assembler)
        return assembler.graph
    }

    /// Our counts, for as many classes as the papers count.
    package func counts() throws(GraphError) -> NetworkCounts {
        let graph = try graph(classes: classes)
        return NetworkCounts(parameters: try graph.parameterCount(), macs: try graph.macs())
    }
}

/// Appends layers to a graph; `last` follows.
struct Assembler {
    private(set) var graph: Graph
    /// Number of logits.
    let classes: Int
    /// Of every value; element 0 is the input.
    private(set) var shapes: [Shape]
    /// The value that the next layer reads.
    var last = 0

    init(graph: Graph, classes: Int) {
        self.graph = graph
        self.classes = classes
        shapes = [graph.input]
    }

    /// Channels of the last value.
    var channels: Int { shapes[last].channels }
    /// Rows and columns of the last value.
    var extent: Int { shapes[last].height }

    mutating func append(_ name: String, _ operation: Node.Operation) throws(GraphError) {
        let node = Node(name: name, operation: operation, source: last)
        shapes.append(try Graph.shape(of: node, after: shapes))
        graph.nodes.append(node)
        last = graph.nodes.count
    }

    /// A convolution.
    /// - Parameter groups: nil for a depthwise one.
    mutating func convolution(
        _ name: String, _ outputs: Int, _ window: Window, groups: Int? = 1, hasBias: Bool = false
    ) throws(GraphError) {
        try append(
            name,
            .convolution(
                Convolution(
                    outputs: outputs, window: window, isDepthwise: groups == nil, groups: groups ?? 1, hasBias: hasBias),
                skip: nil))
    }

    mutating func norm(_ name: String, epsilon: Float = 1e-5) throws(GraphError) {
        try append(name, .batchNorm(epsilon: epsilon))
    }

    mutating func relu(_ name: String) throws(GraphError) { try append(name, .clamp(.relu)) }

    /// Mean of all pixels, then the logits.
    mutating func classifier(_ name: String) throws(GraphError) {
        try append("\(name).pool", .globalAveragePool)
        try append(name, .dense(outputs: classes))
    }

    /// Squeeze and excitation (arXiv 1709.01507): every channel times a number that a small network makes of all means.
    /// - Parameters:
    ///   - inner: the function between its two layers.
    ///   - gate: the function at its end.
    mutating func squeeze(
        _ name: String, _ channels: Int, inner: Node.Operation, gate: Activation
    ) throws(GraphError) {
        let (value, outputs) = (last, self.channels)
        try append("\(name).pool", .globalAveragePool)
        try convolution("\(name).fc1", channels, Window(kernel: 1), hasBias: true)
        try append("\(name).inner", inner)
        try convolution("\(name).fc2", outputs, Window(kernel: 1), hasBias: true)
        try append("\(name).gate", .activation(gate))
        let factor = last
        last = value
        try append("\(name).scale", .multiply(other: factor))
    }
}
