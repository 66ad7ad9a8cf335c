import Graphs
import Tensors

/// Pass: moves each bias so that the mean of every channel, before its clamp, is what it is in the float network.
///
/// Rounding weights shifts channel means, and the shifts add up from layer to layer (Nagel et al., "Data-Free Quantization
/// Through Weight Equalization and Bias Correction", arXiv 1906.04721, empirical variant). Layers are corrected in order,
/// each with its predecessors corrected already.
struct BiasCorrection {
    let float: FloatInterpreter
    let threads: Int

    /// - Parameter numbers: pictures to use; a few dozen. Their live values are held in memory, two bytes an element.
    func apply(
        to graph: QuantizedGraph, pictures: PictureSet, using numbers: [Int]
    ) throws(QuantizationError) -> QuantizedGraph {
        var graph = graph
        let (size, nodeCount) = (graph.input.count, graph.nodes.count)
        let wanted = try floatMeans(pictures, numbers)
        var simulator = IntegerSimulator(graph)
        let lastReaders = float.graph.lastReaders
        // [picture][value], `q - zp`; values nobody reads any more are empty.
        var values = try Parallel.map(numbers, threads: threads) { number, _ throws(QuantizationError) in
            [try pictures.pixels(number, size: size).map { Int16($0) - 128 }]
                + [[Int16]](repeating: [], count: nodeCount)
        }
        for index in graph.nodes.indices {
            let (before, current) = (values, simulator)
            let sums = try Parallel.map(Array(before.indices), threads: threads) {
                i, workspace throws(QuantizationError) in
                current.realSums(index, before[i], workspace)
            }
            graph.nodes[index].correct(
                by: sums, wanted: wanted[index], inputScale: graph.params(ofValue: graph.nodes[index].source).scale)
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

    /// Mean of every channel of every node before its clamp, over the pixels of all pictures.
    private func floatMeans(_ pictures: PictureSet, _ numbers: [Int]) throws(QuantizationError) -> [[Double]] {
        let (size, shapes) = (float.graph.input.count, float.shapes)
        let parts = try Parallel.map(numbers, threads: threads) { number, workspace throws(QuantizationError) in
            var sums: [[Double]] = []
            let pixels = try pictures.pixels(number, size: size)
            _ = float.run(pixels: pixels, in: workspace, observe: { _, _ in }) { node, elements in
                sums.append(float.kernels.channelSums(elements, channels: shapes[node + 1].channels))
            }
            return sums
        }
        return float.graph.nodes.indices.map { node in
            let pixels = Double(shapes[node + 1].pixels * numbers.count)
            return (0..<shapes[node + 1].channels).map { c in parts.reduce(0) { $0 + $1[node][c] } / pixels }
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
    fileprivate func realSums(_ index: Int, _ values: [[Int16]], _ workspace: FloatWorkspace) -> [Double] {
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

    /// The output of a node as `q - zp`.
    fileprivate func output(_ index: Int, _ values: [[Int16]], _ workspace: FloatWorkspace) -> [Int16] {
        let node = graph.nodes[index]
        let (out, buffers) = (workspace.spare.0, fill(node, values, workspace))
        apply(index, into: out, windows: workspace.windows, value: buffers)
        return unsafe out.withElements { out in unsafe out.map { Int16($0) } }
    }

    /// The values that a node reads, as floats.
    private func fill(
        _ node: QuantizedNode, _ values: [[Int16]], _ workspace: FloatWorkspace
    ) -> (Int) -> FloatBuffer {
        var buffers = [workspace.spare.1, workspace.spare.2]
        while buffers.count < node.sources.count { buffers.append(FloatBuffer()) }
        for (buffer, value) in zip(buffers, node.sources) { buffer.set(values[value]) }
        return { value in buffers[node.sources.firstIndex(of: value) ?? 0] }
    }
}

extension FloatBuffer {
    fileprivate func set(_ values: [Int16]) {
        resize(to: values.count)
        unsafe withElements { target in for i in values.indices { unsafe target[i] = Float(values[i]) } }
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
