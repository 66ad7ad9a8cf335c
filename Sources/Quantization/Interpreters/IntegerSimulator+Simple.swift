import Graphs
import Tensors

// Operations without weights on floats `q - zp`; the same bytes as `IntegerInterpreter` gives.

extension IntegerSimulator {
    /// Computes the output of a node that has no accumulators.
    func simple(_ index: Int, into out: FloatBuffer, value: (Int) -> FloatBuffer) {
        let node = graph.nodes[index]
        let (input, shape) = (value(node.source), graph.shape(ofValue: node.source))
        let (params, channels) = (node.params, node.shape.channels)
        let zero = Float(params.zeroPoint)
        func scale(_ value: Int) -> Float {
            Requantization.skipMultiplier(skipScale: graph.params(ofValue: value).scale, outputScale: params.scale)
        }
        func finish(multiplier: Float?, skip: FloatBuffer? = nil, skipMultiplier: Float = 1, _ bounds: (Int8, Int8)) {
            var finish = FloatKernels.Finish()
            if let multiplier { finish.multiplier = [Float](repeating: multiplier, count: channels) }
            (finish.skip, finish.skipMultiplier) = (skip, skipMultiplier)
            (finish.low, finish.high, finish.rounds) = (Float(bounds.0) - zero, Float(bounds.1) - zero, true)
            kernels.finish(out, channels: channels, finish)
        }
        switch node.operation {
        case .table(let table):
            let inputZero = Int(graph.params(ofValue: node.source).zeroPoint)
            let outputs = table.map { Float($0) - zero }
            FloatLoops.map(input, into: out) { outputs[Int($0) + inputZero + 128] }
        case .add(let other, let low, let high):
            out.copy(input)
            finish(multiplier: scale(node.source), skip: value(other), skipMultiplier: scale(other), (low, high))
        case .multiply(let other):
            FloatLoops.multiply(input, value(other), into: out)
            let multiplier = Requantization.productMultiplier(
                first: graph.params(ofValue: node.source).scale, second: graph.params(ofValue: other).scale,
                outputScale: params.scale)
            finish(multiplier: multiplier, (-128, 127))
        case .pool(let pool):
            FloatLoops.pool(input, shape, pool, node.shape, divides: false, into: out)
            if pool.kind == .average { finishMeans(pool, out, shape, node) }
        case .concat:
            out.resize(to: node.shape.count)
            var first = 0
            for source in node.sources {
                let width = graph.shape(ofValue: source).channels
                let part = FloatBuffer()
                part.copy(value(source))
                if graph.params(ofValue: source) != params {
                    var finish = FloatKernels.Finish(multiplier: [Float](repeating: scale(source), count: width))
                    (finish.low, finish.high, finish.rounds) = (-128 - zero, 127 - zero, true)
                    kernels.finish(part, channels: width, finish)
                }
                FloatLoops.place(part, channels: width, into: out, first: first, of: channels)
                first += width
            }
        case .select(let selection): FloatLoops.select(input, channels: shape.channels, selection, into: out)
        case .groupMaximum(let size): FloatLoops.groupMaximum(input, size: size, into: out)
        case .convolution, .globalAveragePool, .dense: preconditionFailure("these have accumulators")
        }
    }

    private func finishMeans(_ pool: Pool, _ out: FloatBuffer, _ shape: Shape, _ node: QuantizedNode) {
        let (zero, channels) = (Float(node.params.zeroPoint), node.shape.channels)
        let inputScale = graph.params(ofValue: node.source).scale
        unsafe out.withElements { out in
            for y in 0..<node.shape.height {
                for x in 0..<node.shape.width {
                    let m = Requantization.poolMultiplier(
                        inputScale: inputScale, outputScale: node.params.scale,
                        pixels: pool.divisor(y: y, x: x, height: shape.height, width: shape.width))
                    let first = (y * node.shape.width + x) * channels
                    for i in first..<first + channels {
                        let rounded = unsafe (out[i] * m).rounded(.toNearestOrEven)
                        unsafe out[i] = min(max(rounded, -128 - zero), 127 - zero)
                    }
                }
            }
        }
    }
}
