import Graphs
import Tensors

/// Pass: layer by layer, each behind layers that are done already, fits the weights where that is asked for and moves each
/// bias so that the mean of every channel, before its clamp, is what it is in the float network.
///
/// Rounding weights shifts channel means, and the shifts add up from layer to layer (Nagel et al., "Data-Free Quantization
/// Through Weight Equalization and Bias Correction", arXiv 1906.04721, empirical variant).
struct BiasCorrection {
    let float: FloatInterpreter
    let threads: Int
    /// Whether `WeightRefit` comes first.
    var refitsWeights = false

    /// - Parameter numbers: pictures to use; a few dozen. Their live values are held in memory, a byte an element.
    func apply(
        to graph: QuantizedGraph, pictures: PictureSet, using numbers: [Int]
    ) throws(QuantizationError) -> QuantizedGraph {
        var graph = graph
        let (size, nodeCount) = (graph.input.count, graph.nodes.count)
        let samples = LayerSamples(graph: float.graph, shapes: float.shapes, pictures: numbers.count)
        let references = try references(pictures, numbers, samples)
        var simulator = IntegerSimulator(graph)
        let lastReaders = float.graph.lastReaders
        // [picture][value] bytes; values nobody reads any more are empty.
        var values = try Parallel.map(numbers, threads: threads) { number, _ throws(QuantizationError) in
            [try pictures.pixels(number, size: size).map { Int8(Int($0) - 128) }]
                + [[Int8]](repeating: [], count: nodeCount)
        }
        for index in graph.nodes.indices {
            if refitsWeights, samples.depth(index) > 0 {
                try refit(index, &graph, samples, values, references)
                simulator.replaceLayer(index, by: graph)
            }
            let (before, current) = (values, simulator)
            let sums = try Parallel.map(Array(before.indices), threads: threads) {
                i, workspace throws(QuantizationError) in
                current.realSums(index, before[i], workspace)
            }
            let pixels = Double(float.shapes[index + 1].pixels * numbers.count)
            let wanted = (0..<float.shapes[index + 1].channels).map { c in
                references.reduce(0) { $0 + $1.sums[index][c] } / pixels
            }
            graph.nodes[index].correct(
                by: sums, wanted: wanted, inputScale: graph.params(ofValue: graph.nodes[index].source).scale)
            simulator.replaceLayer(index, by: graph)
            guard index + 1 < graph.nodes.count else { break }
            let corrected = simulator
            let outputs = try Parallel.map(Array(before.indices), threads: threads) {
                i, workspace throws(QuantizationError) in
                corrected.output(index, before[i], workspace)
            }
            for i in values.indices {
                values[i][index + 1] = outputs[i]
                for value in graph.nodes[index].sources where lastReaders[value] == index { values[i][value] = [] }
            }
        }
        do { try graph.validate() } catch { throw QuantizationError(error) }
        return graph
    }

    private func refit(
        _ index: Int, _ graph: inout QuantizedGraph, _ samples: LayerSamples, _ values: [[[Int8]]],
        _ references: [Reference]
    ) throws(QuantizationError) {
        guard case .convolution(let convolution, let skip) = graph.nodes[index].operation else { return }
        let source = graph.nodes[index].source
        let (input, outside) = (graph.params(ofValue: source), graph.padding(ofValue: source))
        let brought = skip.map { (value: $0, params: graph.params(ofValue: $0)) }
        let channels = float.shapes[index + 1].channels
        let shown = Parallel.map(Array(values.indices), threads: threads) { i, _ in
            let pixels = samples.pixels(index, picture: i)
            var skipped: [Float] = []
            if let brought {
                for pixel in pixels {
                    let bytes = values[i][brought.value][pixel * channels..<(pixel + 1) * channels]
                    skipped.append(contentsOf: bytes.map(brought.params.dequantize))
                }
            }
            return WeightRefit.Picture(
                inputs: samples.windows(
                    index, at: pixels, input: values[i][source], zero: input.zeroPoint, outside: outside),
                skip: skipped, wanted: references[i].rows[index])
        }
        do throws(GraphError) {
            let refitted = try WeightRefit(float, samples: samples, threads: threads).apply(
                to: convolution, index: index, inputScale: input.scale, pictures: shown)
            graph.nodes[index].operation = .convolution(refitted, skip: skip)
        } catch {
            throw QuantizationError(error)
        }
    }

    /// What the float network makes of one picture.
    private struct Reference: Sendable {
        /// Sum over the pixels of every channel of every node, before its clamp.
        var sums: [[Double]] = []
        /// Some pixels of every node, before its clamp; empty where weights are not fitted.
        var rows: [[Float]] = []
    }

    private func references(
        _ pictures: PictureSet, _ numbers: [Int], _ samples: LayerSamples
    ) throws(QuantizationError) -> [Reference] {
        let (size, shapes) = (float.graph.input.count, float.shapes)
        return try Parallel.map(Array(numbers.indices), threads: threads) { i, workspace throws(QuantizationError) in
            var reference = Reference()
            let pixels = try pictures.pixels(numbers[i], size: size)
            _ = float.run(pixels: pixels, in: workspace, observe: { _, _ in }) { node, elements in
                let channels = shapes[node + 1].channels
                reference.sums.append(float.kernels.channelSums(elements, channels: channels))
                let sampled = refitsWeights ? samples.pixels(node, picture: i) : []
                reference.rows.append(LayerSamples.rows(elements, channels: channels, at: sampled))
            }
            return reference
        }
    }
}

extension Graph {
    /// Index of the last node that reads each value; `nodes.count` for values nobody reads.
    var lastReaders: [Int] {
        var last = [Int](repeating: nodes.count, count: nodes.count + 1)
        for (index, node) in nodes.enumerated() { for value in node.sources { last[value] = index } }
        return last
    }
}

extension IntegerSimulator {
    /// Mean over the pixels of each channel of a node's real sums, skip included; empty for a pool.
    fileprivate func realSums(_ index: Int, _ values: [[Int8]], _ workspace: FloatWorkspace) -> [Double] {
        let node = graph.nodes[index]
        let scales: [Float]
        switch node.operation {
        case .convolution(let convolution, _): scales = convolution.weightScales
        case .dense(let dense): scales = dense.weightScales
        case .globalAveragePool, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: return []
        }
        let (out, channels) = (workspace.spare.0, node.shape.channels)
        let buffers = fill(node, values, workspace)
        sums(index, into: out, windows: workspace.windows, value: buffers)
        let inputScale = Double(graph.params(ofValue: node.source).scale)
        let pixels = Double(node.shape.pixels)
        var means = kernels.channelSums(out, channels: channels)
        for c in means.indices { means[c] *= inputScale * Double(scales[c]) / pixels }
        if case .convolution(_, .some(let skip)) = node.operation {
            let brought = kernels.channelSums(buffers(skip), channels: channels)
            let scale = Double(graph.params(ofValue: skip).scale)
            for c in means.indices { means[c] += brought[c] * scale / pixels }
        }
        return means
    }

    /// The bytes of a node's output.
    fileprivate func output(_ index: Int, _ values: [[Int8]], _ workspace: FloatWorkspace) -> [Int8] {
        let node = graph.nodes[index]
        let (out, buffers) = (workspace.spare.0, fill(node, values, workspace))
        apply(index, into: out, windows: workspace.windows, value: buffers)
        let zero = Float(node.params.zeroPoint)
        return unsafe out.withElements { out in unsafe out.map { Int8($0 + zero) } }
    }

    /// The values that a node reads, as `q - zp`.
    private func fill(
        _ node: QuantizedNode, _ values: [[Int8]], _ workspace: FloatWorkspace
    ) -> (Int) -> FloatBuffer {
        var buffers = [workspace.spare.1, workspace.spare.2]
        while buffers.count < node.sources.count { buffers.append(FloatBuffer()) }
        for (buffer, value) in zip(buffers, node.sources) {
            buffer.set(values[value], zero: graph.params(ofValue: value).zeroPoint)
        }
        return { value in buffers[node.sources.firstIndex(of: value) ?? 0] }
    }
}

extension FloatBuffer {
    fileprivate func set(_ bytes: [Int8], zero: Int8) {
        resize(to: bytes.count)
        let zero = Int(zero)
        unsafe withElements { target in
            for i in bytes.indices { unsafe target[i] = Float(Int(bytes[i]) - zero) }
        }
    }
}

extension QuantizedNode {
    /// Moves the biases so that the mean over the pictures becomes what is wanted.
    fileprivate mutating func correct(by means: [[Double]], wanted: [Double], inputScale: Float) {
        func corrected(_ bias: [Int32], _ scales: [Float]) -> [Int32] {
            bias.indices.map { c in
                let mean = means.reduce(0) { $0 + $1[c] } / Double(means.count)
                let step = Double(inputScale) * Double(scales[c])
                let steps = ((wanted[c] - mean) / step).rounded(.toNearestOrEven)
                return Int32(min(max(Double(bias[c]) + steps, -0x1p28), 0x1p28))
            }
        }
        switch operation {
        case .convolution(var convolution, let skip):
            convolution.bias = corrected(convolution.bias, convolution.weightScales)
            operation = .convolution(convolution, skip: skip)
        case .dense(var dense):
            dense.bias = corrected(dense.bias, dense.weightScales)
            operation = .dense(dense)
        case .globalAveragePool, .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: break
        }
    }
}
