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
            readers[node.source].append(index)
            if case .convolution(_, let skip?) = node.operation { readers[skip].append(index) }
        }
        self.readers = readers
    }

    /// Every depthwise layer with its neighbours, keyed by the projection.
    func blocks() throws(PlanningError) -> [Int: Block] {
        var blocks: [Int: Block] = [:]
        for (index, node) in graph.nodes.enumerated() {
            guard case .convolution(let convolution, let skip) = node.operation, convolution.isDepthwise else {
                continue
            }
            guard skip == nil, convolution.kernel == 3, convolution.padding == 1, (1...2).contains(convolution.stride)
            else {
                throw PlanningError(
                    node: node.name, message: "depthwise layers are 3x3 with padding 1 and stride 1 or 2 here")
            }
            let readers = readers[index + 1]
            guard readers.count == 1, let projection = readers.first, isPointwise(projection) else {
                throw PlanningError(
                    node: node.name, message: "a depthwise layer is read by exactly one 1x1 convolution here")
            }
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
        return isPointwise(node) || isStem(node) ? node : nil
    }

    func isPointwise(_ index: Int) -> Bool {
        guard case .convolution(let convolution, _) = graph.nodes[index].operation else { return false }
        return convolution.kernel == 1 && convolution.stride == 1 && convolution.padding == 0
            && !convolution.isDepthwise
    }

    /// The first convolution on the camera's bytes.
    func isStem(_ index: Int) -> Bool {
        let node = graph.nodes[index]
        guard case .convolution(let convolution, skip: nil) = node.operation, node.source == 0 else { return false }
        return convolution.kernel == 3 && convolution.stride == 2 && convolution.padding == 1
            && !convolution.isDepthwise && graph.input.channels == 3
    }
}
