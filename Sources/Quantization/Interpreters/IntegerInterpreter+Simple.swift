import Graphs
import Tensors

// Operations without weights by the letter of the integer rule.

extension QuantizedNode {
    /// Whether the output is made from sums of products, or of bytes over a whole channel.
    var hasAccumulators: Bool {
        switch operation {
        case .convolution, .globalAveragePool, .dense: true
        case .table, .add, .multiply, .pool, .concat, .select, .groupMaximum: false
        }
    }
}

extension IntegerInterpreter {
    /// Output bytes of a node that has no accumulators.
    func simple(node index: Int, values: [[Int8]]) -> [Int8] {
        let node = graph.nodes[index]
        let (shape, out) = (graph.shape(ofValue: node.source), node.params)
        let source = values[node.source]
        func zero(_ value: Int) -> Int32 { Int32(graph.params(ofValue: value).zeroPoint) }
        func quantized(_ real: Float, _ low: Int8 = -128, _ high: Int8 = 127) -> Int8 {
            let rounded = Int32(real.rounded(.toNearestOrEven)) + Int32(out.zeroPoint)
            return Int8(truncatingIfNeeded: min(max(rounded, Int32(low)), Int32(high)))
        }
        func multiplier(_ value: Int) -> Float {
            Requantization.skipMultiplier(skipScale: graph.params(ofValue: value).scale, outputScale: out.scale)
        }
        switch node.operation {
        case .table(let table): return source.map { table[Int($0) + 128] }
        case .add(let other, let low, let high):
            let (ma, mb, za, zb) = (multiplier(node.source), multiplier(other), zero(node.source), zero(other))
            return zip(source, values[other]).map { a, b in
                quantized(Float(Int32(a) - za) * ma + Float(Int32(b) - zb) * mb, low, high)
            }
        case .multiply(let other):
            let m = Requantization.productMultiplier(
                first: graph.params(ofValue: node.source).scale, second: graph.params(ofValue: other).scale,
                outputScale: out.scale)
            let (za, zb, factors) = (zero(node.source), zero(other), values[other])
            return source.indices.map { i in
                quantized(Float((Int32(source[i]) - za) * (Int32(factors[i % factors.count]) - zb)) * m)
            }
        case .pool(let pool): return self.pool(source, shape, pool, node, zero(node.source))
        case .concat:
            var result: [Int8] = []
            result.reserveCapacity(node.shape.count)
            for pixel in 0..<node.shape.pixels {
                for value in node.sources {
                    let channels = graph.shape(ofValue: value).channels
                    let bytes = values[value][pixel * channels..<(pixel + 1) * channels]
                    if graph.params(ofValue: value) == out {
                        result += bytes
                    } else {
                        let (m, z) = (multiplier(value), zero(value))
                        result += bytes.map { quantized(Float(Int32($0) - z) * m) }
                    }
                }
            }
            return result
        case .select(let selection):
            return (0..<node.shape.count).map { i in
                let (pixel, channel) = i.quotientAndRemainder(dividingBy: node.shape.channels)
                return source[pixel * shape.channels + selection.source(of: channel, inputs: shape.channels)]
            }
        case .groupMaximum(let size):
            return (0..<node.shape.count).map { i in source[i * size..<(i + 1) * size].max() ?? 0 }
        case .convolution, .globalAveragePool, .dense: preconditionFailure("these have accumulators")
        }
    }

    private func pool(
        _ source: [Int8], _ shape: Shape, _ pool: Pool, _ node: QuantizedNode, _ zero: Int32
    ) -> [Int8] {
        let (window, channels, out) = (pool.window, shape.channels, node.params)
        let inputScale = graph.params(ofValue: node.source).scale
        var result = [Int8](repeating: 0, count: node.shape.count)
        for y in 0..<node.shape.height {
            for x in 0..<node.shape.width {
                let rows = (0..<window.height).map { window.inputRow(y, $0) }.filter { (0..<shape.height).contains($0) }
                let columns = (0..<window.width).map { window.inputColumn(x, $0) }
                    .filter { (0..<shape.width).contains($0) }
                let m = Requantization.poolMultiplier(
                    inputScale: inputScale, outputScale: out.scale,
                    pixels: pool.divisor(y: y, x: x, height: shape.height, width: shape.width))
                for c in 0..<channels {
                    var (largest, sum) = (Int8.min, Int32(0))
                    for row in rows {
                        for column in columns {
                            let byte = source[(row * shape.width + column) * channels + c]
                            largest = max(largest, byte)
                            sum += Int32(byte) - zero
                        }
                    }
                    let mean = Int32((Float(sum) * m).rounded(.toNearestOrEven)) + Int32(out.zeroPoint)
                    result[(y * node.shape.width + x) * channels + c] =
                        pool.kind == .maximum ? largest : Int8(truncatingIfNeeded: min(max(mean, -128), 127))
                }
            }
        }
        return result
    }
}
