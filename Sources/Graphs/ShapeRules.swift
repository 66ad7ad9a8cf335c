package import Tensors

/// What shape an operation yields, and which operands it refuses. The float and the integer graph both follow these
/// rules.
package enum ShapeRules {
    /// Checks the shape of an input against the limits.
    package static func check(input: Shape) throws(GraphError) {
        guard input.channels == 3 else {
            throw GraphError(node: "input", message: "has \(input.channels) channels; pictures have 3")
        }
        guard max(input.height, input.width) <= GraphLimits.inputExtent else {
            throw GraphError(
                node: "input", message: "is \(input); at most \(GraphLimits.inputExtent) rows and columns are supported"
            )
        }
    }

    /// Output of a convolution of `outputs` channels.
    package static func convolution(
        node: String, input: Shape, outputs: Int, window: Window, isDepthwise: Bool, groups: Int
    ) throws(GraphError) -> Shape {
        func fail(_ message: String) -> GraphError { GraphError(node: node, message: message) }
        guard (1...GraphLimits.channels).contains(outputs) else {
            throw fail("\(outputs) channels are outside 1...\(GraphLimits.channels)")
        }
        guard !isDepthwise || outputs == input.channels else {
            throw fail("is depthwise with \(outputs) filters on an input of \(input.channels) channels")
        }
        guard groups >= 1, !isDepthwise || groups == 1, outputs % groups == 0, input.channels % groups == 0 else {
            throw fail("has \(groups) groups, which do not divide \(input.channels) inputs and \(outputs) outputs")
        }
        return try self.window(node: node, window, input: input, channels: outputs, mayBeWhole: !isDepthwise)
    }

    /// Output of a sliding window.
    /// - Parameter mayBeWhole: whether a kernel may be as large as what it reads: a dense layer on a picture.
    package static func window(
        node: String, _ window: Window, input: Shape, channels: Int, mayBeWhole: Bool = false
    ) throws(GraphError) -> Shape {
        func fail(_ message: String) -> GraphError { GraphError(node: node, message: message) }
        let extents = [(window.height, input.height), (window.width, input.width)]
        for (kernel, extent) in extents {
            guard kernel >= 1, kernel <= GraphLimits.kernel || (mayBeWhole && kernel == extent) else {
                throw fail("kernel \(kernel) is outside 1...\(GraphLimits.kernel)")
            }
        }
        guard (1...GraphLimits.stride).contains(window.stride) else {
            throw fail("stride \(window.stride) is outside 1...\(GraphLimits.stride)")
        }
        guard (1...GraphLimits.dilation).contains(window.dilation) else {
            throw fail("dilation \(window.dilation) is outside 1...\(GraphLimits.dilation)")
        }
        let (padding, spanHeight, spanWidth) = (window.padding, window.spanHeight, window.spanWidth)
        for (side, span) in [
            (padding.top, spanHeight), (padding.bottom, spanHeight), (padding.left, spanWidth),
            (padding.right, spanWidth),
        ] {
            guard (0..<span).contains(side) else { throw fail("padding \(side) is outside 0..<kernel \(span)") }
        }
        let height = input.height + padding.top + padding.bottom
        let width = input.width + padding.left + padding.right
        guard height >= spanHeight && width >= spanWidth else {
            let kernel =
                window.square.map { "\($0.kernel) with padding \($0.padding)" }
                ?? "\(spanHeight)x\(spanWidth) with its padding"
            throw fail("kernel \(kernel) does not fit an input of \(input)")
        }
        let shape = Shape(
            height: (height - spanHeight) / window.stride + 1, width: (width - spanWidth) / window.stride + 1,
            channels: channels)
        guard shape.count <= GraphLimits.elements else {
            throw fail("its output \(shape) has more than \(GraphLimits.elements) elements")
        }
        return shape
    }

    /// Output of a pool: every window must touch the picture.
    package static func pool(node: String, _ pool: Pool, input: Shape) throws(GraphError) -> Shape {
        try window(node: node, pool.window, input: input, channels: input.channels)
    }

    /// Output of a selection of channels.
    package static func select(
        node: String, _ selection: ChannelSelection, input: Shape
    ) throws(GraphError) -> Shape {
        func fail(_ message: String) -> GraphError { GraphError(node: node, message: message) }
        switch selection {
        case .range(let first, let count):
            guard first >= 0, count >= 1, count <= input.channels, first <= input.channels - count else {
                throw fail("selects \(count) channels from \(first) on of \(input.channels)")
            }
        case .shuffle(let groups):
            guard groups >= 1, input.channels % groups == 0 else {
                throw fail("shuffles \(groups) groups, which do not divide \(input.channels) channels")
            }
        case .repeated(let copies):
            guard (1...GraphLimits.channels / input.channels).contains(copies) else {
                throw fail("makes \(copies) copies of \(input.channels) channels; \(GraphLimits.channels) is the limit")
            }
        }
        let shape = Shape(
            height: input.height, width: input.width, channels: selection.outputs(inputs: input.channels))
        guard shape.count <= GraphLimits.elements else {
            throw fail("its output \(shape) has more than \(GraphLimits.elements) elements")
        }
        return shape
    }

    /// Output of a maximum over groups of channels.
    package static func groupMaximum(node: String, size: Int, input: Shape) throws(GraphError) -> Shape {
        guard size >= 1, input.channels % size == 0 else {
            throw GraphError(node: node, message: "groups of \(size) do not divide \(input.channels) channels")
        }
        return Shape(height: input.height, width: input.width, channels: input.channels / size)
    }

    /// Output of a product.
    package static func multiply(node: String, _ first: Shape, _ second: Shape) throws(GraphError) -> Shape {
        guard first == second || second == Shape(channels: first.channels) else {
            throw GraphError(
                node: node, message: "multiplies \(first) by \(second); the second must have its shape, or one pixel")
        }
        return first
    }

    /// Output of a concatenation.
    package static func concat(node: String, _ shapes: [Shape]) throws(GraphError) -> Shape {
        let (height, width) = (shapes[0].height, shapes[0].width)
        for shape in shapes where shape.height != height || shape.width != width {
            throw GraphError(node: node, message: "joins \(shape) to \(shapes[0]); rows and columns must be equal")
        }
        let channels = shapes.reduce(0) { $0 + $1.channels }
        guard channels <= GraphLimits.channels, channels * height * width <= GraphLimits.elements else {
            throw GraphError(
                node: node, message: "\(channels) channels of \(height)x\(width) are more than this program supports")
        }
        return Shape(height: height, width: width, channels: channels)
    }

    /// Output of a dense layer.
    package static func dense(node: String, input: Shape, outputs: Int) throws(GraphError) -> Shape {
        guard input.pixels == 1 else {
            throw GraphError(node: node, message: "is dense on an input of \(input); pool it to 1x1 first")
        }
        guard (1...GraphLimits.channels).contains(outputs) else {
            throw GraphError(node: node, message: "\(outputs) outputs are outside 1...\(GraphLimits.channels)")
        }
        return Shape(channels: outputs)
    }

    /// Output of a sum.
    package static func add(node: String, _ first: Shape, _ second: Shape) throws(GraphError) -> Shape {
        guard first == second else {
            throw GraphError(node: node, message: "adds \(second) to \(first); both must have one shape")
        }
        return first
    }

    /// Checks that a node reads only values before it, and not too many.
    /// - Parameter index: of the reading node; the values before it are 0...index.
    package static func check(node: String, index: Int, sources: [Int]) throws(GraphError) {
        guard sources.count <= GraphLimits.sources else {
            throw GraphError(node: node, message: "reads \(sources.count) values; \(GraphLimits.sources) is the limit")
        }
        for source in sources {
            guard (0...index).contains(source) else {
                throw GraphError(node: node, message: "reads value \(source), but only values 0...\(index) precede it")
            }
        }
    }

    /// Checks that names are usable and unique, and that there are neither too few nor too many nodes.
    package static func check(names: [String]) throws(GraphError) {
        guard (1...GraphLimits.nodes).contains(names.count) else {
            throw GraphError(node: "graph", message: "has \(names.count) nodes; 1...\(GraphLimits.nodes) are supported")
        }
        var seen = Set<String>()
        for name in names {
            guard !name.isEmpty && name.utf8.count <= GraphLimits.nameBytes else {
                throw GraphError(
                    node: "graph", message: "has a node whose name is empty or above \(GraphLimits.nameBytes) bytes")
            }
            guard seen.insert(name).inserted else { throw GraphError(node: name, message: "the name occurs twice") }
        }
    }
}
