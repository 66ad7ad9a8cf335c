import Tensors
import Testing

@testable import Graphs
@testable import Quantization

/// The integer rule by hand: numbers small enough to be worked out on paper.
struct IntegerInterpreterTests {
    /// One 1x1 convolution over a single pixel, then a dense layer of weights 1 that shows its bytes.
    private func graph(
        weights: [Int8], scale: Float = 1 / 64, bias: Int32 = 0, out: QuantParams, low: Int8 = -128, high: Int8 = 127,
        skip: Int? = nil
    ) -> QuantizedGraph {
        let outputs = weights.count / 3
        let convolution = QuantizedConvolution(
            kernel: 1, stride: 1, padding: 0, isDepthwise: false, weights: weights,
            weightScales: [Float](repeating: scale, count: outputs), bias: [Int32](repeating: bias, count: outputs),
            low: low,
            high: high)
        let dense = QuantizedDense(weights: [Int8](repeating: 1, count: outputs), weightScales: [1], bias: [0])
        return QuantizedGraph(
            network: "hand", input: Shape(channels: 3), inputParams: QuantParams(scale: 1, zeroPoint: 0),
            nodes: [
                QuantizedNode(
                    name: "c", operation: .convolution(convolution, skip: skip), source: 0,
                    shape: Shape(channels: outputs),
                    params: out),
                QuantizedNode(
                    name: "d", operation: .dense(dense), source: 1, shape: Shape(channels: 1),
                    params: QuantParams(scale: 1, zeroPoint: 0)),
            ])
    }

    private func byte(_ graph: QuantizedGraph, _ pixels: [UInt8]) -> Int8 {
        IntegerInterpreter(graph).run(pixels: pixels).values[1][0]
    }

    @Test("Halves round to even, and the zero point is added after rounding")
    func rounding() {
        // m = 1 * (1/2) / 1: sums of 1, 3, 5, -1, -3 are 0.5, 1.5, 2.5, -0.5, -1.5 steps.
        let half = graph(weights: [1, 0, 0], scale: 0.5, out: QuantParams(scale: 1, zeroPoint: 3))
        let expected: [(Int, Int8)] = [(1, 3), (3, 5), (5, 5), (-1, 3), (-3, 1)]
        for (sum, q) in expected { #expect(byte(half, [UInt8(128 + sum), 0, 0]) == q, "sum \(sum)") }
    }

    @Test("Results saturate at the clamp")
    func clamp() {
        let graph = graph(
            weights: [127, 127, 127], scale: 1, out: QuantParams(scale: 1, zeroPoint: -128), low: -128, high: 100)
        #expect(byte(graph, [255, 255, 255]) == 100)
        #expect(byte(graph, [0, 0, 0]) == -128)
    }

    @Test("A skip is scaled on its own and added before the one rounding")
    func skip() {
        // Output scale 2: sum 1 * m 0.5 = 0.5; skip (pixel 129, q = 1) * 0.5 = 0.5; 0.5 + 0.5 = 1. Rounded apart: 0 + 0.
        let weights: [Int8] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
        let graph = graph(weights: weights, scale: 1, out: QuantParams(scale: 2, zeroPoint: 0), skip: 0)
        #expect(IntegerInterpreter(graph).run(pixels: [129, 128, 127]).values[1] == [1, 0, -1])
    }

    @Test("Bias and zero point of the input enter the sum")
    func bias() {
        let graph = graph(weights: [2, 0, 0], scale: 1, bias: 10, out: QuantParams(scale: 1, zeroPoint: 0))
        #expect(byte(graph, [130, 0, 0]) == 14)
    }

    @Test("Logits are the sum times the product of the scales")
    func logits() {
        let graph = graph(weights: [1, 0, 0], scale: 1, out: QuantParams(scale: 0.5, zeroPoint: 1))
        // q = 4 / 0.5 + 1 = 9, minus zero point 8, times 0.5.
        #expect(IntegerInterpreter(graph).run(pixels: [132, 0, 0]).logits == [4])
    }

    @Test("A pool is the rounded mean in the scale of its output")
    func pool() {
        let graph = QuantizedGraph(
            network: "pool", input: Shape(height: 2, width: 1, channels: 3),
            inputParams: QuantParams(scale: 1, zeroPoint: 0),
            nodes: [
                QuantizedNode(
                    name: "p", operation: .globalAveragePool, source: 0, shape: Shape(channels: 3),
                    params: QuantParams(scale: 0.5, zeroPoint: -1)),
                QuantizedNode(
                    name: "d",
                    operation: .dense(QuantizedDense(weights: [1, 1, 1], weightScales: [1], bias: [0])), source: 1,
                    shape: Shape(channels: 1), params: QuantParams(scale: 1, zeroPoint: 0)),
            ])
        // Means 1.5, -1.5 and 100.5 in steps of 0.5, plus the zero point; the last saturates.
        #expect(IntegerInterpreter(graph).run(pixels: [129, 127, 228, 130, 126, 229]).values[1] == [2, -4, 127])
    }
}
