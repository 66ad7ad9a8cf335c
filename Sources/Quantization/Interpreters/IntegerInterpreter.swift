package import Graphs
import Tensors

/// Runs an integer graph by the letter of the integer rule: slow, plain, and the oracle for every faster engine. One
/// picture at a time on the calling thread; a value of this type may be used from several threads at once.
package struct IntegerInterpreter: Sendable {
    package let graph: QuantizedGraph

    /// Traps unless `graph.validate()` passes: graphs read from files have been validated before they get here.
    package init(_ graph: QuantizedGraph) {
        do { try graph.validate() } catch { preconditionFailure("an invalid graph is not run: \(error)") }
        self.graph = graph
    }

    /// For a graph of which every node that will be run has been validated.
    init(unchecked graph: QuantizedGraph) { self.graph = graph }

    /// Runs one picture.
    /// - Parameter pixels: RGB bytes, [height][width][3].
    /// - Returns: the logits, and every value as logical bytes: element 0 is the input, element i + 1 the output of node i
    ///   (empty for the dense layer, whose output is the logits).
    package func run(pixels: [UInt8]) -> (logits: [Float], values: [[Int8]]) {
        var values = [input(pixels: pixels)]
        var logits: [Float] = []
        for (index, node) in graph.nodes.enumerated() {
            if !node.hasAccumulators {
                values.append(simple(node: index, values: values))
                continue
            }
            let accumulators = accumulators(node: index, values: values)
            if case .dense(let dense) = node.operation {
                logits = self.logits(accumulators, dense, inputScale: graph.params(ofValue: node.source).scale)
                values.append([])
            } else {
                values.append(requantized(accumulators, node: index, values: values))
            }
        }
        return (logits, values)
    }

    /// Logical bytes of a picture.
    func input(pixels: [UInt8]) -> [Int8] {
        precondition(pixels.count == graph.input.count, "a picture has the size of the network's input")
        return pixels.map { Int8(truncatingIfNeeded: Int($0) - 128) }
    }

    /// Exact sums of a node, [height][width][channels], bias included, in steps of `s_in * s_w[c]`; for a pool the sum
    /// over all pixels.
    /// - Parameter values: by number; those that the node reads must be there.
    func accumulators(node index: Int, values: [[Int8]]) -> [Int32] {
        let node = graph.nodes[index]
        let shape = graph.shape(ofValue: node.source)
        let zeroPoint = Int16(graph.params(ofValue: node.source).zeroPoint)
        let centred = values[node.source].map { Int16($0) - zeroPoint }
        switch node.operation {
        case .convolution(let convolution, _):
            if convolution.isDepthwise { return IntegerLoops.depthwise(centred, shape, convolution, node.shape) }
            let padding = graph.padding(ofValue: node.source).map { Int16($0) - zeroPoint }
            return IntegerLoops.convolution(centred, shape, padding: padding, convolution, node.shape)
        case .globalAveragePool:
            var sums = [Int32](repeating: 0, count: shape.channels)
            for i in centred.indices { sums[i % shape.channels] += Int32(centred[i]) }
            return sums
        case .dense(let dense):
            return dense.bias.indices.map { output in
                let row = dense.weights[output * centred.count..<(output + 1) * centred.count]
                return zip(centred, row).reduce(dense.bias[output]) { $0 + Int32($1.0) * Int32($1.1) }
            }
        case .table, .add, .multiply, .pool, .concat, .select, .groupMaximum:
            preconditionFailure("an operation without weights has no sums of its own")
        }
    }

    /// `clamp(rne(f32(acc) * m[c] + f32(q_skip - zp_skip) * m_skip) + zp, low, high)`, every operation rounded on its own.
    func requantized(_ accumulators: [Int32], node index: Int, values: [[Int8]]) -> [Int8] {
        let node = graph.nodes[index]
        let (input, out) = (graph.params(ofValue: node.source), node.params)
        let channels = node.shape.channels
        let multipliers: [Float]
        var (low, high): (Int32, Int32) = (-128, 127)
        var skip: Int?
        switch node.operation {
        case .convolution(let convolution, let skipped):
            multipliers = convolution.weightScales.map {
                Requantization.multiplier(inputScale: input.scale, weightScale: $0, outputScale: out.scale)
            }
            (low, high, skip) = (Int32(convolution.low), Int32(convolution.high), skipped)
        case .globalAveragePool:
            let multiplier = Requantization.poolMultiplier(
                inputScale: input.scale, outputScale: out.scale, pixels: graph.shape(ofValue: node.source).pixels)
            multipliers = [Float](repeating: multiplier, count: channels)
        case .dense: preconditionFailure("a dense layer yields logits")
        case .table, .add, .multiply, .pool, .concat, .select, .groupMaximum:
            preconditionFailure("an operation without weights has no sums of its own")
        }
        let zeroPoint = Int32(out.zeroPoint)
        func quantized(_ real: Float) -> Int8 {
            Int8(truncatingIfNeeded: min(max(Int32(real.rounded(.toNearestOrEven)) + zeroPoint, low), high))
        }
        var result = [Int8](repeating: 0, count: accumulators.count)
        guard let skip else {
            for pixel in stride(from: 0, to: accumulators.count, by: channels) {
                for c in 0..<channels { result[pixel + c] = quantized(Float(accumulators[pixel + c]) * multipliers[c]) }
            }
            return result
        }
        let skipParams = graph.params(ofValue: skip)
        let skipMultiplier = Requantization.skipMultiplier(skipScale: skipParams.scale, outputScale: out.scale)
        let skipZero = Int32(skipParams.zeroPoint)
        let skipped = values[skip]
        for pixel in stride(from: 0, to: accumulators.count, by: channels) {
            for c in 0..<channels {
                let product = Float(accumulators[pixel + c]) * multipliers[c]
                let addend = Float(Int32(skipped[pixel + c]) - skipZero) * skipMultiplier
                result[pixel + c] = quantized(product + addend)
            }
        }
        return result
    }

    /// `f32(acc) * f32(s_in * s_w[c])`.
    func logits(_ accumulators: [Int32], _ dense: QuantizedDense, inputScale: Float) -> [Float] {
        accumulators.indices.map {
            Float(accumulators[$0])
                * Requantization.logitScale(inputScale: inputScale, weightScale: dense.weightScales[$0])
        }
    }
}
