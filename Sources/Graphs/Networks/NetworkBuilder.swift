import Tensors

extension NetworkTable {
    /// The network as a float graph without parameters.
    ///
    /// Nodes are named as the training code names its modules: `stem.conv`, `stem.bn`, `blocks.0.depthwise.conv`, ...,
    /// `head.conv`, `classifier`.
    /// - Parameters:
    ///   - classes: number of logits.
    ///   - alpha: width multiplier in (0, 2]; channels are rounded to multiples of 8 as in MobileNetV2's own code.
    ///   - height: rows of the input, pixels.
    ///   - width: columns of the input, pixels.
    package func graph(
        classes: Int, alpha: Double = 1, height: Int = 224, width: Int = 224
    ) throws(GraphError) -> Graph {
        guard alpha > 0 && alpha <= 2 else {
            throw GraphError(node: "graph", message: "width multiplier \(alpha) is outside (0, 2]")
        }
        guard height > 0 && width > 0 else {
            throw GraphError(node: "input", message: "is \(height)x\(width); at least 1x1 is needed")
        }
        var builder = NetworkBuilder(
            graph: Graph(network: name, input: Shape(height: height, width: width, channels: 3), nodes: []),
            channels: 3, alpha: alpha, hasSkips: hasSkips)
        builder.layer("stem", outputs: builder.scaled(stem), kernel: 3, stride: 2)
        var block = 0
        for row in rows {
            switch row {
            case .bottleneck(let t, let c, let n, let s):
                for repeated in 0..<n {
                    builder.bottleneck("blocks.\(block)", t: t, c: builder.scaled(c), s: repeated == 0 ? s : 1)
                    block += 1
                }
            case .activated(let t, let c):
                builder.bottleneck("blocks.\(block)", t: t, c: builder.scaled(c), s: 1, isActivated: true)
                block += 1
            case .separable(let c, let n, let s):
                for repeated in 0..<n {
                    let stride = repeated == 0 ? s : 1
                    builder.bottleneck("blocks.\(block)", t: 1, c: builder.scaled(c), s: stride, isActivated: true)
                    block += 1
                }
            case .pointwise(let c):
                builder.layer("head", outputs: alpha > 1 ? builder.scaled(c) : c)
            }
        }
        builder.append("pool", .globalAveragePool)
        builder.append("classifier", .dense(outputs: classes))
        _ = try builder.graph.shapes()
        return builder.graph
    }
}

/// Appends layers to a graph; `channels` follows the last value.
private struct NetworkBuilder {
    var graph: Graph
    var channels: Int
    let alpha: Double
    let hasSkips: Bool

    /// Channels times the width multiplier, to the nearest multiple of 8, but not more than a tenth below.
    func scaled(_ channels: Int) -> Int {
        let exact = Double(channels) * alpha
        let rounded = max(8, Int(exact + 4) / 8 * 8)
        return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
    }

    mutating func append(_ name: String, _ operation: Node.Operation) {
        graph.nodes.append(Node(name: name, operation: operation, source: graph.nodes.count))
    }

    /// Convolution, batch normalisation and, unless linear, ReLU6.
    mutating func layer(
        _ name: String, outputs: Int, kernel: Int = 1, stride: Int = 1, isDepthwise: Bool = false,
        isLinear: Bool = false
    ) {
        let convolution = Convolution(
            outputs: outputs, kernel: kernel, stride: stride, padding: kernel / 2, isDepthwise: isDepthwise)
        append("\(name).conv", .convolution(convolution, skip: nil))
        append("\(name).bn", .batchNorm(epsilon: 1e-5))
        if !isLinear { append("\(name).relu6", .clamp(.relu6)) }
        channels = outputs
    }

    /// Expansion (unless t is 1), depthwise, projection; with a skip where the table, the stride and the channels allow.
    mutating func bottleneck(_ name: String, t: Int, c: Int, s: Int, isActivated: Bool = false) {
        let (input, inputChannels) = (graph.nodes.count, channels)
        if t > 1 { layer("\(name).expand", outputs: channels * t) }
        layer("\(name).depthwise", outputs: channels, kernel: 3, stride: s, isDepthwise: true)
        layer("\(name).project", outputs: c, isLinear: !isActivated)
        if hasSkips && !isActivated && s == 1 && inputChannels == c { append("\(name).add", .add(other: input)) }
    }
}
