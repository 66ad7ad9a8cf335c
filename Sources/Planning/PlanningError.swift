/// A graph that this engine cannot run.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Name of the node.
    package let node: String
    /// What is not supported, and what would be.
    package let message: String
    /// Whether the graph is sound and only asks for what has no kernel here. Anything else should have been refused when the
    /// graph was read.
    package let hasNoKernel: Bool

    init(node: String, message: String, hasNoKernel: Bool = false) {
        self.node = node
        self.message = message
        self.hasNoKernel = hasNoKernel
    }

    package var description: String { "node \(node): \(message)" }
}
