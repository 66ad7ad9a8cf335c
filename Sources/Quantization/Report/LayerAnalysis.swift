import Graphs
import Tensors

/// Where noise comes from, layer by layer: what each layer adds when its inputs are exact, split into the part of its
/// weights and the part of its activations, and what has gathered up to it in the whole network.
struct LayerAnalysis: Sendable {
    struct Layer: Sendable {
        /// Of the output in the whole integer network.
        var cumulative = NoiseRatio()
        /// Of the output of this layer alone: bytes in, int8 weights, bytes out.
        var own = NoiseRatio()
        /// Int8 weights, everything else exact.
        var weights = NoiseRatio()
        /// Bytes in, everything else exact.
        var activations = NoiseRatio()
    }

    private(set) var layers: [Layer]

    /// - Parameters:
    ///   - float: the lowered graph that the integer graph was made from.
    ///   - numbers: pictures to run.
    static func measure(
        _ float: FloatInterpreter, _ graph: QuantizedGraph, pictures: PictureSet, using numbers: [Int], threads: Int
    ) throws(QuantizationError) -> LayerAnalysis {
        let simulator = IntegerSimulator(graph)
        let rough = float.graph.nodes.indices.map { float.roughLayer($0, graph) }
        let size = graph.input.count
        let parts = try Parallel.map(numbers, threads: threads) { number, workspace throws(QuantizationError) in
            let pixels = try pictures.pixels(number, size: size)
            return LayerAnalysis(float, simulator, rough, pixels: pixels, workspace)
        }
        var total = LayerAnalysis(layers: graph.nodes.map { _ in Layer() })
        for part in parts {
            for (index, layer) in part.layers.enumerated() {
                total.layers[index].cumulative += layer.cumulative
                total.layers[index].own += layer.own
                total.layers[index].weights += layer.weights
                total.layers[index].activations += layer.activations
            }
        }
        return total
    }

    private init(layers: [Layer]) { self.layers = layers }

    /// One picture, both networks side by side.
    private init(
        _ float: FloatInterpreter, _ simulator: IntegerSimulator, _ rough: [LinearLayer?], pixels: [UInt8],
        _ workspace: FloatWorkspace
    ) {
        let (graph, kernels, integers) = (simulator.graph, float.kernels, FloatWorkspace())
        let (input, skipped, out) = (workspace.spare.0, workspace.spare.1, workspace.spare.2)
        var layers = graph.nodes.map { _ in Layer() }
        simulator.setInput(pixels: pixels, simulator.value(0, in: integers))
        _ = float.run(pixels: pixels, in: workspace) { value, exact in
            guard value > 0 else { return }
            let index = value - 1
            let node = graph.nodes[index]
            let isLast = value == graph.nodes.count
            let bytes = simulator.value(value, in: integers)
            simulator.apply(index, into: bytes, windows: integers.windows) { simulator.value($0, in: integers) }
            layers[index].cumulative = kernels.noise(exact, bytes, scale: isLast ? 1 : node.params.scale)

            let source = float.value(node.source, in: workspace)
            kernels.quantize(source, graph.params(ofValue: node.source), into: input)
            var (plain, bytewise) = (FloatKernels.Finish(), FloatKernels.Finish())
            if case .convolution(let convolution, let skip) = float.graph.nodes[index].operation {
                plain.clamp(to: convolution.clamp)
                bytewise.clamp(to: convolution.clamp)
                if let skip {
                    plain.skip = float.value(skip, in: workspace)
                    kernels.quantize(float.value(skip, in: workspace), graph.params(ofValue: skip), into: skipped)
                    bytewise.skip = skipped
                }
            }
            if let layer = float.linear(index), let coarse = rough[index] {
                coarse.apply(source, into: out, plain, scratch: workspace.windows)
                layers[index].weights = kernels.noise(exact, out, scale: 1)
                layer.apply(input, into: out, bytewise, scratch: workspace.windows)
                layers[index].activations = kernels.noise(exact, out, scale: 1)
                coarse.apply(input, into: out, bytewise, scratch: workspace.windows)
            } else {
                float.apply(index, replacing: node.source, by: input, into: out, in: workspace)
                layers[index].activations = kernels.noise(exact, out, scale: 1)
            }
            if !isLast {
                kernels.quantize(out, node.params, into: input)
                layers[index].own = kernels.noise(exact, input, scale: 1)
            } else {
                layers[index].own = kernels.noise(exact, out, scale: 1)
            }
        }
        self.init(layers: layers)
    }
}

extension FloatInterpreter {
    /// The layer with the real values of its int8 weights, and its own exact biases.
    fileprivate func roughLayer(_ index: Int, _ quantized: QuantizedGraph) -> LinearLayer? {
        guard let layer = linear(index) else { return nil }
        let (weights, scales): ([Int8], [Float])
        switch quantized.nodes[index].operation {
        case .convolution(let convolution, _): (weights, scales) = (convolution.weights, convolution.weightScales)
        case .dense(let dense): (weights, scales) = (dense.weights, dense.weightScales)
        case .globalAveragePool, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: return nil
        }
        let perRow = weights.count / scales.count
        return layer.with(weights: weights.indices.map { Float(weights[$0]) * scales[$0 / perRow] })
    }
}
