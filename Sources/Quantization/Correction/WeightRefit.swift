import Graphs
import Tensors

/// Pass: chooses the int8 weights of a layer anew, from what it is given by the int8 layers before it and what the float
/// network makes of the same pictures. First the real weights move, by ridge regression, so that they answer for what
/// the layers before have lost in a way that can be foretold; then they are rounded with regard to their inputs.
///
/// Means do not count, because the biases are corrected afterwards.
struct WeightRefit {
    /// Ridge of the regression and of the rounding, as shares of the mean energy of an input.
    static let ridge = 0.1
    static let damping = 0.01

    let float: FloatInterpreter
    let samples: LayerSamples
    let threads: Int
    private var kernels: FloatKernels { float.kernels }

    init(_ float: FloatInterpreter, samples: LayerSamples, threads: Int) {
        (self.float, self.samples, self.threads) = (float, samples, threads)
    }

    /// What one picture shows of a layer.
    struct Picture: Sendable {
        /// [pixels][taps][channels] of inputs, `q - zp`.
        var inputs: [Float]
        /// [pixels][outputs], real, of the skip; empty without one.
        var skip: [Float]
        /// [pixels][outputs], real: the float network's sums before their clamp.
        var wanted: [Float]
    }

    /// - Parameters:
    ///   - convolution: of node `index`, quantized.
    ///   - inputScale: real value of a step of the input.
    func apply(
        to convolution: QuantizedConvolution, index: Int, inputScale: Float, pictures: [Picture]
    ) throws(GraphError) -> QuantizedConvolution {
        let node = float.graph.nodes[index]
        guard case .convolution(let original, _) = node.operation else { return convolution }
        let weights = try float.graph.channelsLastWeights(
            of: node, original, inputs: float.shapes[node.source].channels)
        let layer = Layer(
            weights: weights, bias: try float.graph.bias(of: node, original), scales: convolution.weightScales,
            inputScale: inputScale, clamp: original.clamp)
        var result = convolution
        let inputs = pictures.flatMap(\.inputs)
        let (skip, wanted) = (pictures.flatMap(\.skip), pictures.flatMap(\.wanted))
        if original.isDepthwise {
            result.weights = depthwise(layer, inputs: inputs, skip: skip, wanted: wanted)
        } else {
            result.weights = full(layer, inputs: inputs, skip: skip, wanted: wanted) ?? convolution.weights
        }
        return result
    }

    private struct Layer: Sendable {
        /// [outputs][depth], real.
        let weights: [Float]
        let bias: [Float]
        /// Real value of a weight step, by output.
        let scales: [Float]
        let inputScale: Float
        let clamp: Bounds?

        /// What a sum lacks; nothing where both are clamped to the same.
        func lack(wanted: Float, got: Float) -> Float {
            if let clamp, (wanted <= clamp.low && got <= clamp.low) || (wanted >= clamp.high && got >= clamp.high) {
                return 0
            }
            return wanted - got
        }
    }

    private func full(_ layer: Layer, inputs: [Float], skip: [Float], wanted: [Float]) -> [Int8]? {
        let outputs = layer.bias.count
        let (depth, rows) = (layer.weights.count / outputs, wanted.count / outputs)
        let got = FloatBuffer()
        kernels.matrix(
            FloatBuffer(inputs), rows: rows, depth: depth,
            packed: FloatKernels.pack(layer.weights.map { $0 * layer.inputScale }, columns: outputs, depth: depth),
            bias: FloatKernels.padded(layer.bias), columns: outputs, .init(), into: got)
        var lacks = got.elements
        for i in lacks.indices {
            lacks[i] = layer.lack(wanted: wanted[i], got: skip.isEmpty ? lacks[i] : lacks[i] + skip[i])
        }
        let inputColumns = inputs.centredColumns(rows: rows, columns: depth)
        let lackColumns = lacks.centredColumns(rows: rows, columns: outputs)
        let packed = FloatKernels.pack(inputColumns, columns: depth, depth: rows)
        let moments = products(inputColumns, count: depth, packed, columns: depth, depth: rows)
        let lacking = products(lackColumns, count: outputs, packed, columns: depth, depth: rows)
        guard let regression = LatticeRounding(moments: moments, size: depth, damping: WeightRefit.ridge),
            let rounding = LatticeRounding(moments: moments, size: depth, damping: WeightRefit.damping)
        else { return nil }
        return Parallel.map(Array(0..<outputs), threads: threads) { output, _ in
            let span = output * depth..<(output + 1) * depth
            return WeightRefit.row(
                Array(layer.weights[span]), lacking: lacking[span].map(Double.init), regression, rounding,
                inputScale: layer.inputScale, scale: layer.scales[output])
        }.flatMap { $0 }
    }

    /// One filter in steps of its scale.
    private static func row(
        _ weights: [Float], lacking: [Double], _ regression: LatticeRounding, _ rounding: LatticeRounding,
        inputScale: Float, scale: Float
    ) -> [Int8] {
        let moved = regression.solve(lacking)
        return rounding.round(
            weights.indices.map { (Double(weights[$0]) + moved[$0] / Double(inputScale)) / Double(scale) })
    }

    /// `a` times the packed columns: [count][columns], in the threads that there are.
    private func products(_ a: [Float], count: Int, _ packed: [Float], columns: Int, depth: Int) -> [Float] {
        let parts = min(count, threads * 4)
        let bias = [Float](repeating: 0, count: packed.count / depth)
        return Parallel.map(Array(0..<parts), threads: threads) { part, _ in
            let (first, end) = (part * count / parts, (part + 1) * count / parts)
            let out = FloatBuffer()
            kernels.matrix(
                FloatBuffer(Array(a[first * depth..<end * depth])), rows: end - first, depth: depth, packed: packed,
                bias: bias, columns: columns, .init(), into: out)
            return out.elements
        }.flatMap { $0 }
    }

    private func depthwise(_ layer: Layer, inputs: [Float], skip: [Float], wanted: [Float]) -> [Int8] {
        let channels = layer.bias.count
        let (taps, rows) = (layer.weights.count / channels, wanted.count / channels)
        return Parallel.map(Array(0..<channels), threads: threads) { c, _ in
            let weights = Array(layer.weights[c * taps..<(c + 1) * taps])
            var columns = [Float](repeating: 0, count: rows * taps)
            var lacks = [Float](repeating: 0, count: rows)
            for row in 0..<rows {
                var sum = layer.bias[c] + (skip.isEmpty ? 0 : skip[row * channels + c])
                for tap in 0..<taps {
                    let input = inputs[(row * taps + tap) * channels + c]
                    columns[row * taps + tap] = input
                    sum += input * layer.inputScale * weights[tap]
                }
                lacks[row] = layer.lack(wanted: wanted[row * channels + c], got: sum)
            }
            columns = columns.centredColumns(rows: rows, columns: taps)
            lacks = lacks.centredColumns(rows: rows, columns: 1)
            func product(_ a: Int, _ other: [Float], _ b: Int) -> Double {
                (0..<rows).reduce(0.0) { $0 + Double(columns[a * rows + $1]) * Double(other[b * rows + $1]) }
            }
            let moments = (0..<taps * taps).map { Float(product($0 / taps, columns, $0 % taps)) }
            guard let regression = LatticeRounding(moments: moments, size: taps, damping: WeightRefit.ridge),
                let rounding = LatticeRounding(moments: moments, size: taps, damping: WeightRefit.damping)
            else { return weights.map { Int8(min(max(($0 / layer.scales[c]).rounded(.toNearestOrEven), -127), 127)) } }
            return WeightRefit.row(
                weights, lacking: (0..<taps).map { product($0, lacks, 0) }, regression, rounding,
                inputScale: layer.inputScale, scale: layer.scales[c])
        }.flatMap { $0 }
    }
}

extension FloatKernels {
    /// A bias for whole panels.
    static func padded(_ bias: [Float]) -> [Float] {
        bias + [Float](repeating: 0, count: (panel - bias.count % panel) % panel)
    }
}

extension [Float] {
    /// From [rows][columns] to [columns][rows], each column less its mean.
    fileprivate func centredColumns(rows: Int, columns: Int) -> [Float] {
        var result = transposed(rows: rows, columns: columns)
        for column in 0..<columns {
            let span = column * rows..<(column + 1) * rows
            let mean = Float(result[span].reduce(0.0) { $0 + Double($1) } / Double(rows))
            for i in span { result[i] -= mean }
        }
        return result
    }
}
