import Graphs
import Tensors

// What seed 002 does with channels: copies of each, and the largest of each group.

extension ONNXTranslator {
    /// Channels picked by constant numbers: every channel so many times in a row.
    mutating func gather(_ node: ONNXNode) throws(ImportFault) -> Int {
        let value = try value(node, 0)
        let channels = shapes[value].channels
        let axis = node.integer("axis", default: 0)
        guard axis == 1 || axis == -3, let indices = try constant(node, 1).integers, !indices.isEmpty,
            indices.count % channels == 0, case let copies = indices.count / channels,
            indices.enumerated().allSatisfy({ $1 == $0 / copies })
        else {
            throw ImportFault("\(node.title): only copies of every channel, next to each other, are gathered")
        }
        return try append(unique(node), .select(.repeated(copies: copies)), source: value)
    }

    /// The largest of each group of neighbouring channels.
    mutating func reduceMaximum(_ node: ONNXNode) throws(ImportFault) -> Int {
        let axes = try integers(node, "axes", input: 1) ?? []
        guard case .grouped(let value, let groups) = try symbol(node, 0), axes == [2] || axes == [-3],
            node.integer("keepdims", default: 1) == 0
        else {
            throw ImportFault("\(node.title): maxima are taken over groups of neighbouring channels only")
        }
        return try append(unique(node), .groupMaximum(size: shapes[value].channels / groups), source: value)
    }
}
