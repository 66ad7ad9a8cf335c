import Graphs
import Tensors

extension KnownNetwork {
    /// A network of some hundred parameters, for tests and fuzzers of the files; not in the catalogue.
    package static let probe = KnownNetwork(
        name: "probe", extent: 8,
        namings: [.same("probe"), .renaming("probe, other names") { $0.replacing("stem", with: "conv_stem") }]
    ) { classes, extent throws(GraphError) in
        let stem = Convolution(outputs: 4, window: Window(kernel: 3, stride: 2, padding: 1))
        let depthwise = Convolution(outputs: 4, window: Window(kernel: 3, padding: 1), isDepthwise: true)
        return Graph(
            network: "probe", input: Shape(height: extent, width: extent, channels: 3),
            nodes: [
                Node(name: "stem.conv", operation: .convolution(stem, skip: nil), source: 0),
                Node(name: "stem.bn", operation: .batchNorm(epsilon: 1e-5), source: 1),
                Node(name: "stem.relu", operation: .clamp(.relu), source: 2),
                Node(name: "depthwise.conv", operation: .convolution(depthwise, skip: nil), source: 3),
                Node(name: "depthwise.bn", operation: .batchNorm(epsilon: 1e-5), source: 4),
                Node(name: "depthwise.relu6", operation: .clamp(.relu6), source: 5),
                Node(name: "pool", operation: .globalAveragePool, source: 6),
                Node(name: "fc", operation: .dense(outputs: classes), source: 7),
            ])
    }
}
