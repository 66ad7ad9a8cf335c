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
        node: String, input: Shape, outputs: Int, kernel: Int, stride: Int, padding: Int, isDepthwise: Bool
    ) throws(GraphError) -> Shape {
        func fail(_ message: String) -> GraphError { GraphError(node: node, message: message) }
        guard (1...GraphLimits.kernel).contains(kernel) else {
            throw fail("kernel \(kernel) is outside 1...\(GraphLimits.kernel)")
        }
        guard (1...GraphLimits.stride).contains(stride) else {
            throw fail("stride \(stride) is outside 1...\(GraphLimits.stride)")
        }
        guard (0..<kernel).contains(padding) else { throw fail("padding \(padding) is outside 0..<kernel \(kernel)") }
        guard (1...GraphLimits.channels).contains(outputs) else {
            throw fail("\(outputs) channels are outside 1...\(GraphLimits.channels)")
        }
        guard !isDepthwise || outputs == input.channels else {
            throw fail("is depthwise with \(outputs) filters on an input of \(input.channels) channels")
        }
        let (height, width) = (input.height + 2 * padding, input.width + 2 * padding)
        guard height >= kernel && width >= kernel else {
            throw fail("kernel \(kernel) with padding \(padding) does not fit an input of \(input)")
        }
        let shape = Shape(
            height: (height - kernel) / stride + 1, width: (width - kernel) / stride + 1, channels: outputs)
        guard shape.count <= GraphLimits.elements else {
            throw fail("its output \(shape) has more than \(GraphLimits.elements) elements")
        }
        return shape
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

    /// Checks that a node reads one of the values before it.
    /// - Parameter index: of the reading node; the values before it are 0...index.
    package static func checkSource(node: String, index: Int, source: Int) throws(GraphError) {
        guard (0...index).contains(source) else {
            throw GraphError(node: node, message: "reads value \(source), but only values 0...\(index) precede it")
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
