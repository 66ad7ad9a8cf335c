/// A network that cannot exist: which node is wrong, and why.
package struct GraphError: Error, Hashable, Sendable {
    /// Name of the node, or `input`, or `graph` for what concerns the whole.
    package let node: String
    /// The cause, in words that end the sentence "node ...:".
    package let message: String

    package init(node: String, message: String) {
        self.node = node
        self.message = message
    }
}

extension GraphError: CustomStringConvertible {
    package var description: String { "node \(node): \(message)" }
}
