import Kernels
import LinuxIO
import Tensors

/// 1x1 convolution, into quads or into pixels.
struct PointwiseCase: KernelCase {
    enum Source: String, CaseIterable, Sendable { case pixels, panel }
    enum Skip: String, CaseIterable, Sendable { case none, separate, inPlace }
    /// Extra bytes: between pixels (a multiple of 4) and at the end of a row.
    struct Gaps: Sendable {
        var inPixel = 0
        var inRow = 0
        var outPixel = 0
        var outRow = 0
    }

    var toQuads = false
    var source = Source.pixels
    var skip = Skip.none
    var rows: Int
    var width: Int
    var inputs: Int
    var channels: Int
    var gaps = Gaps()
    var dataClass = DataClass.random

    var operation: KernelOperation { toQuads ? .pointwiseToQuads : .pointwiseToPixels }
    var work: Int { rows * width * inputs * channels }
    var shape: String {
        var text = "\(rows)x\(width)x\(inputs)->\(channels)"
        if !toQuads { text += " from \(source.rawValue)" }
        if skip != .none { text += skip == .inPlace ? " with skip in place" : " with skip" }
        if gaps.inPixel + gaps.inRow + gaps.outPixel + gaps.outRow > 0 {
            text += " gaps \(gaps.inPixel)/\(gaps.inRow)/\(gaps.outPixel)/\(gaps.outRow)"
        }
        return text
    }

    func prepare(_ placement: Placement, seed: UInt64) throws(SystemError) -> PreparedRun {
        var rng = SplitMix64(seed: seed)
        let data = LayerData(dataClass, channels: channels, taps: inputs, rng: &rng)
        return try prepare(placement, data, rng: &rng)
    }

    /// - Parameter data: the layer, so that tests can put a wrong one beside the right one.
    func prepare(
        _ placement: Placement, _ data: LayerData, rng: inout SplitMix64
    ) throws(SystemError) -> PreparedRun {
        switch source {
        case .pixels:
            let pixelStride = PixelsView.stride(channels: inputs) + gaps.inPixel
            let rowStride = width * pixelStride + gaps.inRow
            let count = (rows - 1) * rowStride + (width - 1) * pixelStride + PixelsView.stride(channels: inputs)
            let memory = try Memory(count: count, placement)
            memory.store(data.inputBytes(count, rng: &rng))
            let view = memory.pixels(
                rows: rows, width: width, channels: inputs, rowStride: rowStride, pixelStride: pixelStride)
            if toQuads { return try prepareQuads(placement, data, memory, view) }
            return try preparePixels(placement, data, rng: &rng) { layer, output, skip in
                withExtendedLifetime(memory) { layer(view, into: output, adding: skip) }
            }
        case .panel:
            precondition(!toQuads, "nothing goes from a panel into quads")
            let blocks = QuadLayout.blocks(channels: inputs)
            let count = PanelView.byteCount(rows: rows, width: width, blocks: blocks)
            let memory = try Memory(count: count, placement)
            memory.store(data.inputBytes(count, rng: &rng))
            let view = memory.panel(rows: rows, width: width, blocks: blocks)
            return try preparePixels(placement, data, rng: &rng) { layer, output, skip in
                withExtendedLifetime(memory) { layer(view, into: output, adding: skip) }
            }
        }
    }

    private func layer(_ kernel: Kernel, _ data: LayerData) -> PointwiseLayer {
        PointwiseLayer(
            kernel: kernel, channels: channels, inputs: inputs, weights: data.weights, params: data.params,
            output: data.output)
    }

    private func prepareQuads(
        _ placement: Placement, _ data: LayerData, _ memory: Memory, _ view: PixelsView
    ) throws(SystemError) -> PreparedRun {
        let blocks = QuadLayout.blocks(channels: channels)
        let quads = try QuadMemory(rows: rows, width: width, blocks: blocks, placement)
        return PreparedRun(outputs: quads.outputs()) { kernel in
            let layer = layer(kernel, data)
            return { withExtendedLifetime((memory, quads)) { layer(view, into: quads.view) } }
        }
    }

    private func preparePixels(
        _ placement: Placement, _ data: LayerData, rng: inout SplitMix64,
        _ call: @escaping (PointwiseLayer, PixelsView, SkipInput?) -> Void
    ) throws(SystemError) -> PreparedRun {
        let pixelStride = PixelsView.stride(channels: channels) + gaps.outPixel
        let rowStride = width * pixelStride + gaps.outRow
        let layout = OutputLayout.pixels(
            rows: rows, width: width, channels: channels, rowStride: rowStride, pixelStride: pixelStride)
        func view(_ memory: Memory) -> PixelsView {
            memory.pixels(
                rows: rows, width: width, channels: channels, rowStride: rowStride, pixelStride: pixelStride)
        }
        let memory = try Memory(count: layout.byteCount, placement)
        var output = PreparedRun.Output(memory, layout)
        var skipMemory: Memory?
        if skip != .none {
            let bytes = skipBytes(layout, data, rng: &rng)
            if skip == .separate {
                let separate = try Memory(count: bytes.count, placement)
                separate.store(bytes)
                skipMemory = separate
            } else {
                skipMemory = memory
                var initial = output.initial
                let padded =
                    [UInt8](repeating: 0, count: memory.margin) + bytes
                    + [UInt8](repeating: 0, count: memory.margin)
                overlay(layout.written, of: padded, onto: &initial, shiftedBy: memory.margin)
                output = PreparedRun.Output(memory, layout, initial: initial)
            }
        }
        return PreparedRun(outputs: [output]) { kernel in
            let layer = layer(kernel, data)
            let skip = skipMemory.map {
                SkipInput(pixels: view($0), zeroPoint: data.skipZeroPoint, multiplier: data.skipMultiplier)
            }
            return { withExtendedLifetime((memory, skipMemory)) { call(layer, view(memory), skip) } }
        }
    }

    private func skipBytes(_ layout: OutputLayout, _ data: LayerData, rng: inout SplitMix64) -> [UInt8] {
        var bytes = rng.bytes(layout.byteCount)
        if let wanted = data.skipBytes {
            for pixel in layout.written {
                for (channel, offset) in pixel.enumerated() { bytes[offset] = StoredByte.encode(wanted[channel]) }
            }
        }
        return bytes
    }
}
