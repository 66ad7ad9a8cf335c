import Kernels
import LinuxIO
import Tensors

// Cases of the general operations: windows of any shape, and element by element.

/// A depthwise convolution, a maximum or a mean.
struct WindowCase: KernelCase {
    enum Kind: String, CaseIterable, Sendable { case depthwise, maximum, mean }

    var kind: Kind
    /// Rows and columns of the kernel, its stride, dilation and padding.
    var kernel: (Int, Int)
    var stride = 1
    var dilation = 1
    var padding = 0
    var height: Int
    var width: Int
    var channels: Int
    /// Extra bytes between pixels, of input and output.
    var gap = 0
    var dataClass = DataClass.random

    var operation: KernelOperation { kind == .depthwise ? .windowDepthwise : .windowPool }
    var work: Int { outputHeight * outputWidth * channels * kernel.0 * kernel.1 }
    var shape: String {
        "\(kind) \(kernel.0)x\(kernel.1) s\(stride) d\(dilation) p\(padding) on \(height)x\(width)x\(channels)"
            + (gap > 0 ? " gap \(gap)" : "")
    }

    private var outputHeight: Int { (height + 2 * padding - (kernel.0 - 1) * dilation - 1) / stride + 1 }
    private var outputWidth: Int { (width + 2 * padding - (kernel.1 - 1) * dilation - 1) / stride + 1 }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let taps = kernel.0 * kernel.1
        let data = LayerData(dataClass, channels: channels, taps: taps, rng: &rng)
        let geometry = WindowGeometry(
            kernelHeight: kernel.0, kernelWidth: kernel.1, stride: stride, dilation: dilation, top: padding,
            left: padding, outputHeight: outputHeight, outputWidth: outputWidth)
        let pixelStride = PixelsView.stride(channels: channels) + gap
        let count = (height * width - 1) * pixelStride + channels
        let memory = try Memory(count: count, placement)
        memory.store(data.inputBytes(count, rng: &rng))
        let view = memory.pixels(
            rows: height, width: width, channels: channels, rowStride: width * pixelStride, pixelStride: pixelStride)
        let layout = OutputLayout.pixels(
            rows: outputHeight, width: outputWidth, channels: channels, rowStride: outputWidth * pixelStride,
            pixelStride: pixelStride)
        let output = try Memory(count: layout.byteCount, placement)
        let (outputHeight, outputWidth, channels, kind) = (outputHeight, outputWidth, channels, kind)
        let multipliers = (1...taps).map { _ in Float.random(in: 0.5...1.5, using: &rng) / Float(taps) }
        return PreparedRun(outputs: [PreparedRun.Output(output, layout)]) { kernel in
            let target = output.pixels(
                rows: outputHeight, width: outputWidth, channels: channels, rowStride: outputWidth * pixelStride,
                pixelStride: pixelStride)
            if kind == .depthwise {
                let layer = WindowDepthwise(
                    kernel: kernel, geometry: geometry, weights: data.weights, params: data.params, output: data.output)
                return { withExtendedLifetime((memory, output)) { layer(0..<outputHeight, view, into: target) } }
            }
            let layer = WindowPool(
                kernel: kernel, geometry: geometry, inputZeroPoint: data.inputZeroPoint,
                multipliers: kind == .mean ? multipliers : [], output: data.output)
            return { withExtendedLifetime((memory, output)) { layer(0..<outputHeight, view, into: target) } }
        }
    }
}

/// A table, a sum or a product.
struct ElementCase: KernelCase {
    var operation: KernelOperation
    var pixels: Int
    var channels: Int
    /// Whether the second operand is one pixel for all.
    var isBroadcast = false
    /// Extra bytes between pixels.
    var gap = 0
    var dataClass = DataClass.random

    var work: Int { pixels * channels }
    var shape: String { "\(pixels)x\(channels)" + (isBroadcast ? " broadcast" : "") + (gap > 0 ? " gap \(gap)" : "") }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let data = LayerData(dataClass, channels: channels, taps: 1, rng: &rng)
        let pixelStride = PixelsView.stride(channels: channels) + gap
        let (pixels, channels) = (pixels, channels)
        func operand(_ rows: Int) throws(SystemError) -> (Memory, PixelsView) {
            let count = (rows - 1) * pixelStride + channels
            let memory = try Memory(count: count, placement)
            memory.store(data.inputBytes(count, rng: &rng))
            return (
                memory,
                memory.pixels(
                    rows: 1, width: rows, channels: channels, rowStride: rows * pixelStride, pixelStride: pixelStride)
            )
        }
        let (first, firstView) = try operand(pixels)
        let (second, secondView) = try operand(isBroadcast ? 1 : pixels)
        let layout = OutputLayout.pixels(
            rows: 1, width: pixels, channels: channels, rowStride: pixels * pixelStride, pixelStride: pixelStride)
        let output = try Memory(count: layout.byteCount, placement)
        let table = (0..<256).map { _ in Int8.random(in: -128...127, using: &rng) }
        let multipliers = (
            dataClass == .halfWay ? 0.5 : Float.random(in: 0.001...1.5, using: &rng), data.skipMultiplier
        )
        let operation = operation
        return PreparedRun(outputs: [PreparedRun.Output(output, layout)]) { kernel in
            let target = output.pixels(
                rows: 1, width: pixels, channels: channels, rowStride: pixels * pixelStride, pixelStride: pixelStride)
            if operation == .lookup {
                let layer = TableLayer(kernel: kernel, table: table)
                return { withExtendedLifetime((first, output)) { layer(firstView, into: target) } }
            }
            let layer = PairLayer(
                kernel: kernel, zeroPoints: (data.inputZeroPoint, data.skipZeroPoint), multipliers: multipliers,
                output: data.output)
            return { withExtendedLifetime((first, second, output)) { layer(firstView, secondView, into: target) } }
        }
    }
}

extension CaseCatalog {
    /// Windows of every kind that networks have, on channels around the vectors' widths.
    static func windows(_ operation: KernelOperation) -> [any KernelCase] {
        let shapes: [(kernel: (Int, Int), stride: Int, dilation: Int, padding: Int)] = [
            ((1, 1), 1, 1, 0), ((3, 3), 1, 1, 1), ((3, 3), 2, 1, 1), ((5, 5), 1, 1, 2), ((5, 5), 2, 1, 2),
            ((7, 7), 1, 1, 3), ((7, 7), 2, 1, 3), ((2, 2), 2, 1, 0), ((3, 3), 1, 2, 2), ((1, 7), 1, 1, 0),
        ]
        let kinds: [WindowCase.Kind] = operation == .windowDepthwise ? [.depthwise] : [.maximum, .mean]
        var cases: [any KernelCase] = []
        for (index, shape) in shapes.enumerated() {
            for (turn, channels) in [1, 5, 16, 63, 64, 65, 130].enumerated() {
                for kind in kinds {
                    for dataClass in DataClass.allCases where dataClass == .random || (index + turn) % 3 == 0 {
                        cases.append(
                            WindowCase(
                                kind: kind, kernel: shape.kernel, stride: shape.stride, dilation: shape.dilation,
                                padding: min(shape.padding, min(shape.kernel.0, shape.kernel.1) * shape.dilation / 2),
                                height: 7 + index % 3, width: 8 + turn % 4, channels: channels,
                                gap: turn % 3 == 1 ? 8 : 0, dataClass: dataClass))
                    }
                }
            }
        }
        return cases
    }

    static func elements(_ operation: KernelOperation) -> [any KernelCase] {
        var cases: [any KernelCase] = []
        for pixels in [1, 3, 50] {
            for (turn, channels) in [1, 4, 15, 16, 63, 64, 65, 127, 200].enumerated() {
                for dataClass in DataClass.allCases where dataClass == .random || pixels == 3 {
                    for isBroadcast in operation == .lookup ? [false] : [false, true] {
                        cases.append(
                            ElementCase(
                                operation: operation, pixels: pixels, channels: channels, isBroadcast: isBroadcast,
                                gap: turn % 3 == 1 ? 8 : 0, dataClass: dataClass))
                    }
                }
            }
        }
        return cases
    }
}
