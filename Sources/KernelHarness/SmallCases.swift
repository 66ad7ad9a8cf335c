import Kernels
import LinuxIO
import Tensors

// Cases of the operations without a block structure: interleave, global average pool, dense.

struct InterleaveCase: KernelCase {
    var rows: Int
    var width: Int
    var channels: Int
    /// Extra bytes between pixels, a multiple of 4.
    var gap = 0
    var dataClass = DataClass.random

    var operation: KernelOperation { .interleave }
    var work: Int { rows * width * channels }
    var shape: String { "\(rows)x\(width)x\(channels)" + (gap > 0 ? " gap \(gap)" : "") }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let zeroPoint =
            switch dataClass {
            case .relu6: Int8(-128)
            case .zeroPointsHighLow: Int8(127)
            default: Int8.random(in: -127...126, using: &rng)
            }
        let pixelStride = PixelsView.stride(channels: channels) + gap
        let rowStride = width * pixelStride + gap
        let count = (rows - 1) * rowStride + (width - 1) * pixelStride + PixelsView.stride(channels: channels)
        let memory = try Memory(count: count, placement)
        memory.store(rng.bytes(count))
        let view = memory.pixels(
            rows: rows, width: width, channels: channels, rowStride: rowStride, pixelStride: pixelStride)
        let quads = try QuadMemory(rows: rows, width: width, blocks: QuadLayout.blocks(channels: channels), placement)
        return PreparedRun(outputs: quads.outputs()) { kernel in
            let layer = InterleaveLayer(kernel: kernel, zeroPoint: zeroPoint)
            return { withExtendedLifetime((memory, quads)) { layer(view, into: quads.view) } }
        }
    }
}

struct PoolCase: KernelCase {
    var rows: Int
    var width: Int
    var channels: Int
    /// Extra bytes between pixels, a multiple of 4.
    var gap = 0
    var dataClass = DataClass.random

    var operation: KernelOperation { .globalAveragePool }
    var work: Int { rows * width * channels }
    var shape: String { "\(rows)x\(width)x\(channels)" + (gap > 0 ? " gap \(gap)" : "") }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let pixels = rows * width
        var data = LayerData(dataClass, channels: 1, taps: pixels, rng: &rng)
        let multiplier =
            switch dataClass {
            case .halfWay: 0.5 / Float(pixels.isMultiple(of: 2) ? pixels : 1)
            case .saturating, .vanishing: data.multipliers[0]
            default: Float.random(in: 0.5...1.5, using: &rng) / Float(pixels).squareRoot()
            }
        // Many uniform bytes average to nearly 0; any other zero point would drive all channels to one bound.
        if dataClass == .random && pixels > 100 { data.inputZeroPoint = 0 }
        let pixelStride = PixelsView.stride(channels: channels) + gap
        let count = (pixels - 1) * pixelStride + channels
        let memory = try Memory(count: count, placement)
        memory.store(data.inputBytes(count, rng: &rng))
        let view = memory.pixels(
            rows: rows, width: width, channels: channels, rowStride: width * pixelStride, pixelStride: pixelStride)
        let layout = OutputLayout.pixels(
            rows: 1, width: 1, channels: channels, rowStride: channels + 4, pixelStride: channels + 4)
        let output = try Memory(count: layout.byteCount, placement)
        let outputStride = PixelsView.stride(channels: channels)
        return PreparedRun(outputs: [PreparedRun.Output(output, layout)]) { [data] kernel in
            let layer = PoolLayer(
                kernel: kernel, inputZeroPoint: data.inputZeroPoint, multiplier: multiplier, output: data.output)
            return {
                withExtendedLifetime((memory, output)) {
                    layer(
                        view,
                        into: output.pixels(
                            rows: 1, width: 1, channels: channels, rowStride: outputStride, pixelStride: outputStride))
                }
            }
        }
    }
}

struct DenseCase: KernelCase {
    var inputs: Int
    var channels: Int
    var dataClass = DataClass.random

    var operation: KernelOperation { .dense }
    var work: Int { inputs * channels }
    var shape: String { "\(inputs)->\(channels)" }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let data = LayerData(dataClass, channels: channels, taps: inputs, rng: &rng)
        let stride = PixelsView.stride(channels: inputs)
        let memory = try Memory(count: stride, placement)
        memory.store(data.inputBytes(stride, rng: &rng))
        let view = memory.pixels(rows: 1, width: 1, channels: inputs, rowStride: stride, pixelStride: stride)
        let layout = OutputLayout.floats(count: channels)
        let output = try Memory(count: layout.byteCount, placement, alignment: 4)
        return PreparedRun(outputs: [PreparedRun.Output(output, layout)]) { kernel in
            let layer = DenseLayer(
                kernel: kernel, channels: channels, inputs: inputs, weights: data.weights, params: data.params)
            return { withExtendedLifetime((memory, output)) { output.withFloats { layer(view, into: &$0) } } }
        }
    }
}
