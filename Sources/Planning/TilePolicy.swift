internal import Graphs
internal import Kernels
internal import Tensors

/// Whether a network is worth AMX tiles.
///
/// The tiles multiply eight times as fast as vpdpbusd, but a core that uses them clocks down by a sixth for all else it
/// does, stem and depthwise layers included. Sapphire Rapids, 2026-11-21, one thread, tiles against none: MobileNetV1
/// 1.60 against 2.07 ms, MobileNetV2 1.40 against 1.41, SM_V2 0.79 against 0.80 and no gain at the median.
enum TilePolicy {
    /// Share of a network's products that tiles would take over, above which they pay.
    static let worthwhileShare = 0.8

    /// The features to plan with: without AMX where the network would not gain.
    static func features(_ features: CPUFeatures, for graph: QuantizedGraph) -> CPUFeatures {
        guard features.contains(.amxInt8), tiledShare(of: graph) < worthwhileShare else { return features }
        return features.subtracting(.amxInt8)
    }

    /// Share of the products that lie in sums of at least 128.
    static func tiledShare(of graph: QuantizedGraph) -> Double {
        let tiled = graph.nodes.reduce(0) { sum, node in
            let input = graph.shape(ofValue: node.source)
            guard case .convolution(let convolution, _) = node.operation, !convolution.isDepthwise,
                convolution.window.taps * convolution.filterInputs(of: input.channels) >= 128
            else { return sum }
            return sum + node.macs(input: input)
        }
        return Double(tiled) / Double(max(graph.macs, 1))
    }
}
