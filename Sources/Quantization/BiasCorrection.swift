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

    /// A picture on its way through both networks; values nobody reads any more are empty.
    private struct Progress: Sendable {
        var float: [[Float]]
        var integer: [[Int8]]
    }

    /// - Parameter pictures: numbers of the pictures to use; a few dozen. Their live values are held in memory.
    func apply(
        to graph: QuantizedGraph, pictures: PictureSet, using numbers: [Int]
    ) throws(QuantizationError) -> QuantizedGraph {
        var graph = graph
        let size = graph.input.count
        let nodeCount = graph.nodes.count
        let start = IntegerInterpreter(graph)
        var states = try Parallel.map(numbers, threads: threads) { number throws(QuantizationError) in
            let pixels = try pictures.pixels(number, size: size)
            var state = Progress(
                float: [[Float]](repeating: [], count: nodeCount + 1),
                integer: [[Int8]](repeating: [], count: nodeCount + 1))
            state.float[0] = float.input(pixels: pixels)
            state.integer[0] = start.input(pixels: pixels)
            return state
        }
        for index in graph.nodes.indices {
            let before = states
            let current = IntegerInterpreter(unchecked: graph)
            // Float sums are kept for the step after the correction.
            let sums = try Parallel.map(Array(before.indices), threads: threads) { i throws(QuantizationError) in
                let wanted = float.sum(node: index, values: before[i].float)
                let got = current.accumulators(node: index, values: before[i].integer)
                return (wanted: wanted, shift: current.shift(node: index, wanted, got, values: before[i].integer))
            }
            graph.nodes[index].correct(
                by: sums.map(\.shift), inputScale: graph.params(ofValue: graph.nodes[index].source).scale)
            let corrected = IntegerInterpreter(unchecked: graph)
            guard index + 1 < nodeCount else { break }
            states = try Parallel.map(Array(before.indices), threads: threads) { i throws(QuantizationError) in
                var state = before[i]
                let got = corrected.accumulators(node: index, values: state.integer)
                state.integer[index + 1] = corrected.requantized(got, node: index, values: state.integer)
                state.float[index + 1] = float.clamped(sums[i].wanted, node: index)
                for value in float.graph.nodes[index].sources where float.lastReaders[value] == index {
                    state.float[value] = []
                    state.integer[value] = []
                }
                return state
            }
        }
        do { try graph.validate() } catch { throw QuantizationError(error) }
        return graph
    }
}

extension IntegerInterpreter {
    /// Mean difference of each channel between the float sums of a node and its integer sums; empty for a pool.
    fileprivate func shift(node index: Int, _ wanted: [Float], _ got: [Int32], values: [[Int8]]) -> [Double] {
        let node = graph.nodes[index]
        let inputScale = Double(graph.params(ofValue: node.source).scale)
        let channels = node.shape.channels
        let scales: [Float]
        var skipped: [Int8] = []
        var (skipScale, skipZero) = (0.0, 0.0)
        switch node.operation {
        case .convolution(let convolution, let skip):
            scales = convolution.weightScales
            if let skip {
                let params = graph.params(ofValue: skip)
                (skipped, skipScale, skipZero) = (values[skip], Double(params.scale), Double(params.zeroPoint))
            }
        case .dense(let dense): scales = dense.weightScales
        case .globalAveragePool: return []
        }
        var shifts = [Double](repeating: 0, count: channels)
        for pixel in stride(from: 0, to: wanted.count, by: channels) {
            for c in 0..<channels {
                var real = Double(got[pixel + c]) * inputScale * Double(scales[c])
                if !skipped.isEmpty { real += (Double(skipped[pixel + c]) - skipZero) * skipScale }
                shifts[c] += Double(wanted[pixel + c]) - real
            }
        }
        return shifts.map { $0 / Double(node.shape.pixels) }
    }
}

extension QuantizedNode {
    /// Adds the mean of the pictures' shifts to the biases.
    fileprivate mutating func correct(by shifts: [[Double]], inputScale: Float) {
        func corrected(_ bias: [Int32], _ scales: [Float]) -> [Int32] {
            bias.indices.map { c in
                let mean = shifts.reduce(0) { $0 + $1[c] } / Double(shifts.count)
                let steps = (mean / (Double(inputScale) * Double(scales[c]))).rounded(.toNearestOrEven)
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
        case .globalAveragePool: break
        }
    }
}
