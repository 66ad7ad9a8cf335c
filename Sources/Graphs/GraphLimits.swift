/// Bounds that every graph keeps, so that a hostile file can ask for neither unbounded memory nor unbounded time. Each is
/// several times what the largest network of interest needs.
package enum GraphLimits {
    /// Rows and columns of the input.
    package static let inputExtent = 1024
    /// Channels of any value, and so the number of labels.
    package static let channels = 8192
    /// Nodes of one graph.
    package static let nodes = 1000
    /// Elements of any one value; 64 Mi bytes of int8.
    package static let elements = 1 << 26
    /// Rows and columns of a kernel.
    package static let kernel = 15
    /// Rows and columns from one tap of a kernel to the next.
    package static let dilation = 16
    /// Values that one node reads.
    package static let sources = 64
    /// Products in one sum; the first dense layer of VGG16 has 25088. `TSR_RUNS_LIMIT` of the kernels.
    package static let depth = 25_600
    /// Step of a convolution.
    package static let stride = 8
    /// Multiply-accumulates of one inference.
    package static let macs = 1 << 37
    /// Bytes of a node's name or of a label, in UTF-8.
    package static let nameBytes = 256
}
