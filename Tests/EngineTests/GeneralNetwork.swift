import Graphs
import Tensors

/// A random integer network of every operation, in odd sizes: a strided first convolution with its own padding, groups,
/// dilation, any depthwise window, pools, tables, a gate, sums, splits, shuffles, copies and concatenations.
struct GeneralNetwork {
    private var random: SplitMix64
    private(set) var nodes: [QuantizedNode] = []
    private let input: Shape
    private let inputParams = QuantParams.pixels(std: 64)

    static func graph(seed: UInt64, height: Int, width: Int, channels: Int) throws -> QuantizedGraph {
        var builder = GeneralNetwork(
            random: SplitMix64(seed: seed), input: Shape(height: height, width: width, channels: 3))
        try builder.build(channels: channels)
        var graph = QuantizedGraph(
            network: "general", input: builder.input, inputParams: builder.inputParams, nodes: builder.nodes)
        graph.inputPadding = [-4, -12, 24]
        try graph.validate()
        return graph
    }

    private init(random: SplitMix64, input: Shape) {
        self.random = random
        self.input = input
    }

    private mutating func build(channels: Int) throws {
        let even = 4 * channels
        var x = try convolution(0, even, Window(kernel: 7, stride: 2, padding: 3))
        x = try pool(x, Pool(.maximum, Window(kernel: 3, stride: 2, padding: 1)))
        // A grouped and dilated bottleneck with a table and a sum.
        var y = try convolution(x, even, Window(kernel: 1))
        y = table(y)
        y = try convolution(
            y, even, Window(height: 3, width: 3, dilation: 2, padding: Padding(2)), groups: 4)
        y = try convolution(y, even, Window(kernel: 1), skip: x)
        // Any depthwise window, a gate.
        var z = try convolution(y, even, Window(kernel: 5, padding: 2), isDepthwise: true)
        z = table(z)
        var gate = append("squeeze", .globalAveragePool, z, Shape(channels: even))
        gate = table(try convolution(gate, channels, Window(kernel: 1)))
        gate = table(try convolution(gate, even, Window(kernel: 1)))
        z = append("gate", .multiply(other: gate), z, shape(z))
        z = append("sum", .add(other: y, low: -100, high: 127), z, shape(z))
        // Split, one half through a fused block, join, shuffle.
        let left = try select(z, .range(first: 0, count: 2 * channels + 1))
        var right = try select(z, .range(first: 2 * channels + 1, count: 2 * channels - 1))
        right = try convolution(right, 2 * channels - 1, Window(kernel: 1))
        right = try convolution(right, 2 * channels - 1, Window(kernel: 3, padding: 1), isDepthwise: true)
        right = try convolution(right, 2 * channels - 1, Window(kernel: 1), params: nodes[left - 1].params)
        var joined = try concat([left, right], params: nodes[left - 1].params)
        joined = try select(joined, .shuffle(groups: 4))
        // Branches with other quantizations, among them a mean and asymmetric kernels.
        let mean = try pool(joined, Pool(.average, Window(kernel: 3, padding: 1), countsPadding: false))
        let wide = try convolution(
            joined, channels + 2, Window(height: 1, width: 3, padding: Padding(top: 0, left: 1, bottom: 0, right: 1)))
        let strided = try convolution(joined, channels, Window(kernel: 1, stride: 2))
        let small = try convolution(
            try concat([mean, wide, joined]), channels, Window(kernel: 3, stride: 2, padding: 1))
        joined = try concat([strided, small])
        joined = try select(joined, .repeated(copies: 3))
        joined = append(
            "groups", .groupMaximum(size: 2), joined,
            try ShapeRules.groupMaximum(node: "groups", size: 2, input: shape(joined)),
            nodes[joined - 1].params)
        // A dense layer on the whole picture, then the classifier.
        let last = shape(joined)
        let hidden = try convolution(joined, 9, Window(height: last.height, width: last.width))
        let dense = QuantizedDense(
            weights: (0..<45).map { _ in Int8.random(in: -127...127, using: &random) },
            weightScales: (0..<5).map { _ in Float.random(in: 0.001...0.01, using: &random) },
            bias: (0..<5).map { _ in Int32.random(in: -500...500, using: &random) })
        _ = append(
            "classifier", .dense(dense), hidden, Shape(channels: 5), QuantParams(scale: 1, zeroPoint: 0))
    }

    private func shape(_ value: Int) -> Shape { value == 0 ? input : nodes[value - 1].shape }

    private mutating func append(
        _ name: String, _ operation: QuantizedNode.Operation, _ source: Int, _ shape: Shape,
        _ params: QuantParams? = nil
    ) -> Int {
        let own =
            params
            ?? QuantParams(
                scale: Float.random(in: 0.02...0.04, using: &random),
                zeroPoint: Int8.random(in: -60...30, using: &random))
        nodes.append(
            QuantizedNode(
                name: "\(name).\(nodes.count)", operation: operation, source: source, shape: shape, params: own))
        return nodes.count
    }

    private mutating func convolution(
        _ source: Int, _ outputs: Int, _ window: Window, groups: Int = 1, isDepthwise: Bool = false, skip: Int? = nil,
        params: QuantParams? = nil
    ) throws -> Int {
        let inputs = isDepthwise ? 1 : shape(source).channels / groups
        let fanIn = window.taps * inputs
        let convolution = QuantizedConvolution(
            window: window, isDepthwise: isDepthwise, groups: groups,
            weights: (0..<outputs * fanIn).map { _ in Int8.random(in: -127...127, using: &random) },
            weightScales: (0..<outputs).map { _ in
                Float.random(in: 0.5...1.5, using: &random) / (60 * Float(fanIn).squareRoot())
            },
            bias: (0..<outputs).map { _ in Int32.random(in: -2000...2000, using: &random) },
            low: Int8.random(in: -128 ... -60, using: &random), high: 127)
        let shape = try ShapeRules.convolution(
            node: "convolution", input: shape(source), outputs: outputs, window: window, isDepthwise: isDepthwise,
            groups: groups)
        return append("convolution", .convolution(convolution, skip: skip), source, shape, params)
    }

    private mutating func table(_ source: Int) -> Int {
        append(
            "table", .table((0..<256).map { _ in Int8.random(in: -128...127, using: &random) }), source, shape(source))
    }

    private mutating func pool(_ source: Int, _ pool: Pool) throws -> Int {
        append(
            "pool", .pool(pool), source, try ShapeRules.pool(node: "pool", pool, input: shape(source)),
            pool.kind == .maximum ? nodes[source - 1].params : nil)
    }

    private mutating func select(_ source: Int, _ selection: ChannelSelection) throws -> Int {
        append(
            "select", .select(selection), source,
            try ShapeRules.select(node: "select", selection, input: shape(source)), nodes[source - 1].params)
    }

    private mutating func concat(_ values: [Int], params: QuantParams? = nil) throws -> Int {
        append(
            "concat", .concat(others: Array(values.dropFirst())), values[0],
            try ShapeRules.concat(node: "concat", values.map(shape)), params)
    }
}
