/// A graph that this engine cannot run.
package struct PlanningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Name of the node.
    package let node: String
    /// What is not supported, and what would be.
    package let message: String

    package var description: String { "node \(node): \(message)" }
}
