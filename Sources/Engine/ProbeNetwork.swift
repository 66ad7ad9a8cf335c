package import Graphs
internal import Tensors

/// Random integer networks in the shape of SM_V2, small enough for plain C in milliseconds: what kernels are tried on, at the
/// start of the daemon and in tests. Every choice follows the seed.
package struct ProbeNetwork {
    private var random: SplitMix64
    private var nodes: [QuantizedNode] = []
    private var last = 0
    private var shape: Shape
    private let input: Shape
    private let inputParams = QuantParams.pixels(std: 64)

    private init(seed: UInt64, size: Int) {
        random = SplitMix64(seed: seed)
        input = Shape(height: size, width: size, channels: 3)
        shape = input
    }

    /// Stem, a block without expansion, two with, one of them with a skip, a stored pointwise layer, pool, dense.
    /// - Parameters:
    ///   - size: rows and columns of the input.
    ///   - channels: of the trunk; any number, so that tails of blocks and runs are exercised.
    package static func graph(seed: UInt64, size: Int, channels: Int) -> QuantizedGraph {
        var builder = ProbeNetwork(seed: seed, size: size)
        builder.convolution("stem", channels: 2 * channels, kernel: 3, stride: 2, relu: true)
        builder.separable("blocks.0", channels: channels, stride: 1)
        builder.expand("blocks.1", by: 3)
        builder.separable("blocks.1", channels: channels, stride: 2)
        let skip = builder.last
        builder.expand("blocks.2", by: 4)
        builder.separable("blocks.2", channels: channels, stride: 1, skip: skip)
        builder.separable("blocks.3", channels: channels + 5, stride: 1)
        builder.convolution("head", channels: 2 * channels + 1, kernel: 1, stride: 1, relu: true)
        builder.pool()
        builder.dense(outputs: 7)
        return QuantizedGraph(
            network: "probe", input: builder.input, inputParams: builder.inputParams, nodes: builder.nodes)
    }

    /// A picture with flat parts and noise.
    package static func picture(seed: UInt64, size: Int) -> [UInt8] {
        var random = SplitMix64(seed: seed ^ 0x5ce_4e5)
        return (0..<(size * size * 3)).map { index in
            index % 7 == 0 ? UInt8.random(in: 0...255, using: &random) : UInt8(truncatingIfNeeded: index / 5)
        }
    }

    private mutating func expand(_ name: String, by factor: Int) {
        convolution(name + ".expand", channels: shape.channels * factor, kernel: 1, stride: 1, relu: true)
    }

    private mutating func separable(_ name: String, channels: Int, stride: Int, skip: Int? = nil) {
        convolution(
            name + ".depthwise", channels: shape.channels, kernel: 3, stride: stride, relu: true, isDepthwise: true)
        convolution(name + ".project", channels: channels, kernel: 1, stride: 1, relu: false, skip: skip)
    }

    private mutating func convolution(
        _ name: String, channels: Int, kernel: Int, stride: Int, relu: Bool, isDepthwise: Bool = false, skip: Int? = nil
    ) {
        let fanIn = kernel * kernel * (isDepthwise ? 1 : shape.channels)
        let relu6 = QuantParams(scale: Float.random(in: 0.01...0.03, using: &random), zeroPoint: -128)
        let linear = QuantParams(
            scale: Float.random(in: 0.02...0.06, using: &random), zeroPoint: Int8.random(in: -40...40, using: &random))
        let convolution = QuantizedConvolution(
            kernel: kernel, stride: stride, padding: kernel / 2, isDepthwise: isDepthwise,
            weights: (0..<(channels * fanIn)).map { _ in Int8.random(in: -127...127, using: &random) },
            weightScales: (0..<channels).map { _ in
                Float.random(in: 0.5...1.5, using: &random) / (60 * Float(fanIn).squareRoot())
            },
            bias: (0..<channels).map { _ in Int32.random(in: -2000...2000, using: &random) }, low: -128, high: 127)
        let node = QuantizedNode(
            name: name, operation: .convolution(convolution, skip: skip), source: last,
            shape: Shape(
                height: (shape.height - 1) / stride + 1, width: (shape.width - 1) / stride + 1, channels: channels),
            params: relu ? relu6 : linear)
        append(node)
    }

    private mutating func pool() {
        append(
            QuantizedNode(
                name: "pool", operation: .globalAveragePool, source: last, shape: Shape(channels: shape.channels),
                params: QuantParams(scale: 0.015, zeroPoint: -128)))
    }

    private mutating func dense(outputs: Int) {
        let dense = QuantizedDense(
            weights: (0..<(outputs * shape.channels)).map { _ in Int8.random(in: -127...127, using: &random) },
            weightScales: (0..<outputs).map { _ in Float.random(in: 0.001...0.01, using: &random) },
            bias: (0..<outputs).map { _ in Int32.random(in: -500...500, using: &random) })
        append(
            QuantizedNode(
                name: "classifier", operation: .dense(dense), source: last, shape: Shape(channels: outputs),
                params: QuantParams(scale: 1, zeroPoint: 0)))
    }

    private mutating func append(_ node: QuantizedNode) {
        nodes.append(node)
        last = nodes.count
        shape = node.shape
    }
}
