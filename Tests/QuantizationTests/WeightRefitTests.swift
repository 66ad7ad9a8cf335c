import Tensors
import Testing

@testable import Graphs
@testable import Quantization

struct WeightRefitTests {
    /// Rows of inputs that go together: each is a mixture of a few hidden ones.
    private func inputs(rows: Int, size: Int, _ random: inout SplitMix64) -> [Float] {
        let mixture = (0..<size * 3).map { _ in random.float(in: -1, 1) }
        return (0..<rows).flatMap { _ in
            let hidden = (0..<3).map { _ in random.float(in: -1, 1) }
            return (0..<size).map { i in
                (0..<3).reduce(random.float(in: -0.1, 0.1)) { $0 + hidden[$1] * mixture[i * 3 + $1] }
            }
        }
    }

    private func moments(_ inputs: [Float], size: Int) -> [Float] {
        (0..<size * size).map { place in
            stride(from: 0, to: inputs.count, by: size).reduce(Float(0)) {
                $0 + inputs[$1 + place / size] * inputs[$1 + place % size]
            }
        }
    }

    @Test("Rounding with regard to the inputs loses less of the products than rounding each weight", arguments: 1...6)
    func rounding(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let size = 12
        let moments = moments(inputs(rows: 200, size: size, &random), size: size)
        let weights = (0..<size).map { _ in Double(random.float(in: -20, 20)) }
        let rounding = try #require(LatticeRounding(moments: moments, size: size, damping: 1e-3))
        func loss(_ rounded: [Double]) -> Double {
            (0..<size * size).reduce(0) { sum, place in
                let (i, j) = (place / size, place % size)
                return sum + Double(moments[place]) * (weights[i] - rounded[i]) * (weights[j] - rounded[j])
            }
        }
        let own = rounding.round(weights)
        #expect(loss(own.map(Double.init)) < loss(weights.map { $0.rounded() }))
        for (rounded, weight) in zip(own, weights) { #expect(abs(Double(rounded) - weight) < 20) }
    }

    @Test("Inputs that have nothing to do with each other leave plain rounding, within int8")
    func independent() throws {
        var moments = [Float](repeating: 0, count: 16)
        for i in 0..<4 { moments[i * 5] = Float(i + 1) }
        let rounding = try #require(LatticeRounding(moments: moments, size: 4, damping: 0))
        #expect(rounding.round([1.4, -2.6, 200, -300]) == [1, -3, 127, -127])
        #expect(LatticeRounding(moments: [Float](repeating: 0, count: 16), size: 4, damping: 0.1) == nil)
    }

    @Test("The regression solves its equations")
    func regression() throws {
        var random = SplitMix64(seed: 5)
        let size = 9
        let moments = moments(inputs(rows: 60, size: size, &random), size: size)
        let solver = try #require(LatticeRounding(moments: moments, size: size, damping: 0))
        let right = (0..<size).map { _ in Double(random.float(in: -1, 1)) }
        let x = solver.solve(right)
        for i in 0..<size {
            let left = (0..<size).reduce(0.0) { $0 + Double(moments[i * size + $1]) * x[$1] }
            #expect(abs(left - right[i]) < 1e-6)
        }
    }

    @Test("Rows of windows times weights are what the layer computes, padding included")
    func windows() throws {
        let convolution = Convolution(outputs: 4, kernel: 3, stride: 2, padding: 1, isDepthwise: false, hasBias: false)
        var random = SplitMix64(seed: 9)
        let graph = try Lowering.apply(to: smallModel().graph)
        let interpreter = try FloatInterpreter(graph, std: 64)
        let samples = LayerSamples(graph: graph, shapes: interpreter.shapes, pictures: 2)
        guard case .convolution(let stem, _) = graph.nodes[0].operation else { return }
        #expect(stem.window == convolution.window, "the stem is 3x3 with stride 2")
        let (input, output) = (interpreter.shapes[0], interpreter.shapes[1])
        let bytes = (0..<input.count).map { _ in Int8(truncatingIfNeeded: random.next()) }
        let weights = (0..<stem.outputs * 27).map { _ in random.float(in: -1, 1) }
        let layer = LinearLayer(
            stem, input: input, output: output, weights: weights,
            bias: [Float](repeating: 0, count: stem.outputs))
        let out = FloatBuffer()
        layer.apply(FloatBuffer(bytes.map { Float($0) - 3 }), into: out, .init(), scratch: FloatBuffer())
        let pixels = samples.pixels(0, picture: 1)
        #expect(pixels == samples.pixels(0, picture: 1) && pixels.count > 1)
        #expect(zip(pixels, pixels.dropFirst()).allSatisfy(<) && pixels.allSatisfy { $0 < output.pixels })
        let rows = samples.windows(0, at: pixels, input: bytes, zero: 3, outside: [3, 3, 3])
        for (row, pixel) in pixels.enumerated() {
            for c in 0..<stem.outputs {
                let sum = (0..<27).reduce(Float(0)) { $0 + rows[row * 27 + $1] * weights[c * 27 + $1] }
                #expect(abs(sum - out.elements[pixel * stem.outputs + c]) < 0.01)
            }
        }
    }

    @Test("Fitted weights follow the float network better than rounded ones, on the pictures they were fitted to")
    func fitting() throws {
        let model = try smallModel()
        let pictures = smallPictures(24)
        let float = try FloatInterpreter(try Lowering.apply(to: model.graph), std: 64)
        let graph = try Quantizer(method: .minMax).quantize(model, pictures: pictures).model.graph
        let numbers = pictures.spread(24)
        var logits: [Int: [Float]] = [:]
        for number in numbers { logits[number] = float.run(pixels: try pictures.pixels(number, size: 24 * 24 * 3)) }
        func noise(_ refits: Bool, threads: Int) throws -> (QuantizedGraph, Double) {
            let pass = BiasCorrection(float: float, threads: threads, refitsWeights: refits)
            let result = try pass.apply(to: graph, pictures: pictures, using: numbers)
            let fidelity = try LogitFidelity.measure(
                result, against: logits, pictures: pictures, using: numbers, threads: 2)
            return (result, fidelity.centred.relative)
        }
        let (fitted, own) = try noise(true, threads: 1)
        #expect(try own < noise(false, threads: 2).1)
        #expect(try noise(true, threads: 3).0 == fitted, "the number of threads changes nothing")
        for (node, before) in zip(fitted.nodes, graph.nodes) {
            guard case .convolution(let convolution, _) = node.operation,
                case .convolution(let old, _) = before.operation
            else { continue }
            #expect(convolution.weightScales == old.weightScales && convolution.weights.count == old.weights.count)
            #expect(convolution.weights.allSatisfy { $0 >= -127 })
        }
    }
}
