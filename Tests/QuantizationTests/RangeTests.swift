import Tensors
import Testing

@testable import Graphs
@testable import Quantization

struct RangeTests {
    private func histogram(_ elements: [Float]) -> Histogram {
        var histogram = Histogram()
        histogram.add(elements)
        return histogram
    }

    @Test("Histograms of parts add up to the histogram of the whole")
    func addition() {
        var random = SplitMix64(seed: 42)
        let elements = (0..<5000).map { i in random.float(in: -1, 3) * (i % 100 == 0 ? 1000 : 1) }
        let whole = histogram(elements)
        for pieces in [2, 7] {
            var sum = Histogram()
            let size = elements.count / pieces
            for start in stride(from: 0, to: elements.count, by: size) {
                sum.add(histogram(Array(elements[start..<min(elements.count, start + size)])))
            }
            #expect(sum.total == whole.total && sum.minimum == whole.minimum && sum.maximum == whole.maximum)
            #expect(sum.width == whole.width && sum.counts == whole.counts, "\(pieces) pieces")
        }
    }

    @Test("A percentile is where it should be, to within a bin")
    func percentile() {
        let uniform = histogram((0..<10_000).map { Float($0) / 1000 - 5 })
        #expect(abs(uniform.percentile(0.5) - 0) < 0.01)
        #expect(abs(uniform.percentile(0.99) - 4.9) < 0.01)
        #expect(uniform.percentile(1) == uniform.maximum)
    }

    @Test("One wild value among many is cut off by least squares and by a percentile, not by min-max")
    func outlier() {
        var random = SplitMix64(seed: 1)
        var elements = (0..<100_000).map { _ in random.float(in: 0, 1) }
        elements[500] = 50
        let histogram = histogram(elements)
        #expect(RangeMethod.minMax.range(of: histogram, isActivated: true).high == 50)
        #expect(RangeMethod.percentile(99.9).range(of: histogram, isActivated: true).high < 1.1)
        // Minimum of 1e5 (h / 255)^2 / 12 + (50 - h)^2.
        let best = RangeMethod.leastSquares.range(of: histogram, isActivated: true).high
        #expect(abs(best - 44.3) < 1, "\(best)")
    }

    @Test("Zero is a byte of every range, and byte -128 of an activated one")
    func zeroIsExact() {
        let ranges: [ValueRange] = [
            ValueRange(low: 0, high: 6, method: .minMax), ValueRange(low: -1, high: 3, method: .minMax),
            ValueRange(low: -7.3, high: 0, method: .minMax), ValueRange(low: -0.001, high: 900, method: .minMax),
        ]
        for range in ranges {
            let params = range.params
            #expect(params.dequantize(params.zeroPoint) == 0)
            #expect(params.quantize(0) == params.zeroPoint)
            #expect(abs(params.dequantize(127) - range.high) <= params.scale)
            #expect(abs(params.dequantize(-128) - range.low) <= params.scale)
        }
        #expect(ranges[0].params.zeroPoint == -128)
        #expect(ranges[0].params.quantize(6) == 127)
    }

    @Test("A tensor that is always zero still gets a range")
    func dead() {
        let range = RangeMethod.leastSquares.range(of: histogram([0, 0, 0]), isActivated: true, limit: 6)
        #expect(range.low == 0 && range.high == 6)
        let linear = RangeMethod.minMax.range(of: histogram([0, 0, 0]), isActivated: false)
        #expect(linear.high > linear.low)
    }

    @Test("Weights use the whole byte, clip only where that lowers the error, and keep dead channels finite")
    func weights() {
        let channels = WeightQuantizer.quantize(
            [1, -0.5, 0.25, 0, 0, 0], bias: [0.1, 3], inputScale: 0.02, searchesClip: true)
        #expect(channels.weights == [127, -64, 32, 0, 0, 0] || channels.weights == [127, -63, 32, 0, 0, 0])
        #expect(channels.deadChannels == [1])
        #expect(channels.scales.allSatisfy { $0.isFinite && $0 > 0 })
        let restored = Float(channels.bias[1]) * 0.02 * channels.scales[1]
        #expect(abs(restored - 3) < 1e-4)
    }

    @Test("Entropy cuts off a lonely value far away and keeps a plain distribution whole")
    func entropy() {
        var random = SplitMix64(seed: 3)
        var elements = (0..<100_000).map { _ in random.float(in: 0, 1) }
        let whole = RangeMethod.entropy.range(of: histogram(elements), isActivated: true).high
        #expect(whole > 0.97, "\(whole)")
        elements[7] = 3
        let cut = RangeMethod.entropy.range(of: histogram(elements), isActivated: true).high
        #expect(cut < 1.3, "\(cut)")
    }

    @Test("A negative value next to zero falls into the bin below zero")
    func negativeBins() {
        let counted = histogram([-1, -1e-12, 0, 1e-12, 1])
        #expect(counted.zeros == 1 && counted.counts[Histogram.half - 1] == 1 && counted.counts[Histogram.half] == 1)
    }

    @Test("What only an activation reads is tried with less range where that activation is flat")
    func usefulSpans() throws {
        let nodes = [
            Node(name: "a", operation: .clamp(Bounds(low: -50, high: 50)), source: 0),
            Node(name: "b", operation: .activation(.hardSwish), source: 1),
            Node(name: "c", operation: .multiply(other: 1), source: 2),
            Node(name: "d", operation: .activation(.sigmoid), source: 3),
        ]
        var graph = Graph(network: "spans", input: Shape(height: 1, width: 1, channels: 2), nodes: nodes)
        let range = ValueRange(low: -20, high: 5.5, method: .minMax)
        #expect(UsefulSpan(of: 1, graph) == nil, "two operations read it")
        #expect(UsefulSpan(of: 4, graph) == nil, "nobody reads it")
        let sigmoid = try #require(UsefulSpan(of: 3, graph)).narrowed([range])
        #expect(sigmoid.map(\.low) == [-20, -7, -6, -5, -4] && sigmoid.map(\.high) == [5.5, 5.5, 5.5, 5, 4])
        graph.nodes[2].operation = .activation(.sigmoid)
        let swish = try #require(UsefulSpan(of: 1, graph)).narrowed([
            range, ValueRange(low: -2, high: 4, method: .minMax),
        ])
        #expect(swish.map(\.low) == [-20, -2, -3] && swish.map(\.high) == [5.5, 4, 5.5])
    }
}
