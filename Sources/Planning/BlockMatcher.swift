internal import Graphs
internal import Tensors

/// Finds the depthwise-separable blocks of a graph: which nodes are computed together and never stored whole.
struct BlockMatcher {
    /// Nodes by index.
    struct Block: Hashable {
        /// Stem or expansion; nil where the depthwise layer reads a stored tensor.
        let producer: Int?
        let depthwise: Int
        let projection: Int
    }

    private let graph: QuantizedGraph
    /// Nodes that read a value, skips included.
    private let readers: [[Int]]

    init(_ graph: QuantizedGraph) {
        self.graph = graph
        var readers = [[Int]](repeating: [], count: graph.nodes.count + 1)
        for (index, node) in graph.nodes.enumerated() {
            for value in node.sources { readers[value].append(index) }
        }
        self.readers = readers
    }

    /// Every depthwise 3x3 layer that one 1x1 convolution reads, with its neighbours, keyed by the projection. Other
    /// depthwise layers are steps of their own.
    func blocks() -> [Int: Block] {
        var blocks: [Int: Block] = [:]
        for (index, node) in graph.nodes.enumerated() {
            guard case .convolution(let convolution, skip: nil) = node.operation, convolution.isDepthwise,
                let square = convolution.window.square, square.kernel == 3, square.padding == 1,
                (1...2).contains(square.stride), node.source != 0
            else { continue }
            let readers = readers[index + 1]
            guard readers.count == 1, let projection = readers.first, isPointwise(projection),
                graph.nodes[projection].source == index + 1
            else { continue }
            blocks[projection] = Block(
                producer: producer(of: node.source, projections: blocks), depthwise: index, projection: projection)
        }
        return blocks
    }

    /// The node that makes a value for its only reader, a depthwise layer, if it can write quads.
    private func producer(of value: Int, projections: [Int: Block]) -> Int? {
        let node = value - 1
        guard node >= 0, readers[value].count == 1, projections[node] == nil else { return nil }
        if case .convolution(_, skip: .some) = graph.nodes[node].operation { return nil }
        return (isPointwise(node) && graph.nodes[node].source != 0) || isStem(node) ? node : nil
    }

    func isPointwise(_ index: Int) -> Bool {
        guard case .convolution(let convolution, _) = graph.nodes[index].operation else { return false }
        return convolution.isPointwise
    }

    /// The first convolution on the camera's bytes.
    func isStem(_ index: Int) -> Bool {
        let node = graph.nodes[index]
        guard case .convolution(let convolution, skip: nil) = node.operation, node.source == 0 else { return false }
        return convolution.window == Window(kernel: 3, stride: 2, padding: 1) && convolution.groups == 1
            && !convolution.isDepthwise && graph.input.channels == 3 && graph.inputPadding.isEmpty
    }

    /// Nodes that read a value; the last one is read by the caller too.
    func readers(of value: Int) -> [Int] { readers[value] }
}
