import Kernels
import Tensors
import Testing

@testable import KernelHarness

/// The normative kernels and the packing against plain arithmetic that shares no code with them.
@Suite struct PlainReferenceTests {
    static let blocks: [BlockCase] = [
        .init(
            .pointwise, innerHeight: 7, innerWidth: 7, inputs: 16, middle: 32, channels: 16, stride: 1, hasSkip: true,
            stripRows: 1, workers: 1),
        .init(
            .pointwise, innerHeight: 13, innerWidth: 11, inputs: 12, middle: 40, channels: 20, stride: 1, hasSkip: true,
            stripRows: 4, workers: 2),
        .init(
            .pointwise, innerHeight: 13, innerWidth: 11, inputs: 12, middle: 40, channels: 20, stride: 2, stripRows: 3,
            workers: 3),
        .init(
            .pointwise, innerHeight: 14, innerWidth: 14, inputs: 20, middle: 64, channels: 33, stride: 2, stripRows: 2,
            workers: 2),
        .init(
            .pointwise, innerHeight: 9, innerWidth: 6, inputs: 7, middle: 17, channels: 5, stride: 1, stripRows: 100,
            workers: 1),
        .init(
            .pointwise, innerHeight: 9, innerWidth: 6, inputs: 7, middle: 17, channels: 5, stride: 2, stripRows: 100,
            workers: 2),
        .init(
            .pointwise, innerHeight: 5, innerWidth: 1, inputs: 4, middle: 16, channels: 4, stride: 1, stripRows: 2,
            workers: 3),
        .init(
            .pointwise, innerHeight: 1, innerWidth: 9, inputs: 4, middle: 16, channels: 4, stride: 2, stripRows: 2,
            workers: 1),
        .init(
            .pointwise, innerHeight: 2, innerWidth: 2, inputs: 30, middle: 48, channels: 64, stride: 2, stripRows: 1,
            workers: 1),
        .init(
            .pointwise, innerHeight: 6, innerWidth: 23, inputs: 24, middle: 96, channels: 24, stride: 1, hasSkip: true,
            stripRows: 3, workers: 3),
        .init(
            .interleave, innerHeight: 10, innerWidth: 9, inputs: 16, middle: 16, channels: 24, stride: 1, stripRows: 3,
            workers: 2),
        .init(
            .interleave, innerHeight: 11, innerWidth: 13, inputs: 21, middle: 21, channels: 8, stride: 2, stripRows: 2,
            workers: 3),
        .init(
            .interleave, innerHeight: 8, innerWidth: 8, inputs: 35, middle: 35, channels: 35, stride: 1, hasSkip: true,
            stripRows: 5, workers: 1),
        .init(
            .stem, innerHeight: 12, innerWidth: 10, inputs: 3, middle: 32, channels: 16, stride: 1, stripRows: 4,
            workers: 2),
        .init(
            .stem, innerHeight: 9, innerWidth: 15, inputs: 3, middle: 24, channels: 12, stride: 2, stripRows: 1,
            workers: 3),
        .init(
            .stem, innerHeight: 7, innerWidth: 17, inputs: 3, middle: 16, channels: 16, stride: 1, stripRows: 3,
            workers: 1),
    ]

    @Test(arguments: CPUFeatures.distinctMasks.map(\.name), blocks)
    func `a fused block equals its layers one after the other`(mask: String, block: BlockCase) throws {
        let features = try #require(CPUFeatures(mask: mask)).intersection(.detected)
        let flaw = try block.flaw(features: features, seed: HarnessSeed.fromEnvironment())
        #expect(
            flaw == nil,
            "mask \(mask), \(block), \(HarnessSeed.rerun(HarnessSeed.fromEnvironment(), filter: "PlainReferenceTests"))"
        )
    }

    @Test(arguments: DataClass.allCases)
    func `the scalar pointwise kernel equals plain arithmetic`(dataClass: DataClass) throws {
        for (inputs, channels) in [(1, 1), (5, 17), (16, 16), (67, 20)] {
            var rng = SplitMix64(seed: HarnessSeed.fromEnvironment())
            let data = LayerData(dataClass, channels: channels, taps: inputs, rng: &rng)
            let test = PointwiseCase(rows: 2, width: 3, inputs: inputs, channels: channels, dataClass: dataClass)
            var copy = rng
            let run = try test.prepare(.canaries, data, rng: &rng)
            let bytes = run.capture(run.bind(.scalar(.pointwiseToPixels)))[0]
            // The input's bytes are the first that the case drew.
            let stride = PixelsView.stride(channels: inputs)
            let drawn = data.inputBytes((2 * 3 - 1) * stride + stride, rng: &copy)
            let values = (0..<6).flatMap { pixel in (0..<inputs).map { StoredByte.decode(drawn[pixel * stride + $0]) } }
            let expected = PlainReference.convolution(
                PlainTensor(height: 2, width: 3, channels: inputs, values: values), extent: 1, stride: 1,
                channels: channels, data)
            let margin = run.outputs[0].memory.margin
            let actual = run.outputs[0].layout.written.flatMap { range in
                range.map { StoredByte.decode(bytes[margin + $0]) }
            }
            #expect(actual == expected.values, "\(inputs) -> \(channels)")
        }
    }

    @Test func `halves are rounded to even`() {
        let all = OutputRange(zeroPoint: 0, low: -128, high: 127)
        #expect([-5, -3, -1, 1, 3, 5].map { PlainReference.requantize($0, 0.5, all) } == [-2, -2, 0, 0, 2, 2])
        #expect(PlainReference.requantize(1000, 1, all) == 127)
        #expect(PlainReference.requantize(1, 0.5, skip: (2, 1, 1), all) == 2)
    }

    @Test(arguments: [(1, 1, 3), (3, 5, 17), (7, 7, 32)])
    func `the scalar pool equals plain arithmetic`(rows: Int, width: Int, channels: Int) throws {
        var rng = SplitMix64(seed: HarnessSeed.fromEnvironment())
        let stride = PixelsView.stride(channels: channels)
        let bytes = rng.bytes(rows * width * stride)
        let input = try Memory(count: bytes.count, .canaries)
        input.store(bytes)
        let output = try Memory(count: channels, .canaries)
        let range = OutputRange(zeroPoint: 3, low: -128, high: 127)
        PoolLayer(kernel: .scalar(.globalAveragePool), inputZeroPoint: -7, multiplier: 0.031, output: range)(
            input.pixels(rows: rows, width: width, channels: channels, rowStride: width * stride, pixelStride: stride),
            into: output.pixels(rows: 1, width: 1, channels: channels, rowStride: stride, pixelStride: stride))
        let values = (0..<rows * width).flatMap { pixel in
            (0..<channels).map { StoredByte.decode(bytes[pixel * stride + $0]) }
        }
        let expected = PlainReference.averagePool(
            PlainTensor(height: rows, width: width, channels: channels, values: values), zeroPoint: -7,
            multiplier: 0.031, range)
        let actual = output.snapshot()[output.margin..<output.margin + channels].map { StoredByte.decode($0) }
        #expect(actual == expected)
    }

    @Test(arguments: [(1, 1), (19, 21), (64, 10)])
    func `the scalar dense layer equals plain arithmetic`(inputs: Int, channels: Int) throws {
        var rng = SplitMix64(seed: HarnessSeed.fromEnvironment())
        let data = LayerData(.random, channels: channels, taps: inputs, rng: &rng)
        let stride = PixelsView.stride(channels: inputs)
        let bytes = rng.bytes(stride)
        let input = try Memory(count: stride, .canaries)
        input.store(bytes)
        var logits = [Float](repeating: .nan, count: channels)
        let layer = DenseLayer(
            kernel: .scalar(.dense), channels: channels, inputs: inputs, weights: data.weights, params: data.params)
        var span = logits.mutableSpan
        layer(
            input.pixels(rows: 1, width: 1, channels: inputs, rowStride: stride, pixelStride: stride), into: &span)
        #expect(
            logits == PlainReference.dense(bytes.prefix(inputs).map { StoredByte.decode($0) }, channels: channels, data)
        )
    }
}
