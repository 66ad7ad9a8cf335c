internal import CKernels

/// A convolution of any window, full or in groups: windows are gathered, strip by strip, into rows that stay in the cache,
/// and the pointwise kernels multiply them. A 1x1 window gathers nothing.
package struct WindowConvolution: Sendable {
    /// Some groups at once: small groups are merged, with zero weights between them, until they fill a block.
    package struct Part: Sendable {
        package let layer: PointwiseLayer
        let inputs: Range<Int>
        let outputs: Range<Int>
    }

    package let geometry: WindowGeometry
    package let parts: [Part]
    /// Stored bytes of a pixel outside, all channels.
    package let padding: [UInt8]
    /// Zero point and multiplier of the skip where there is one.
    package let skip: (zeroPoint: Int8, multiplier: Float)?

    /// Bytes of a strip of gathered windows: half of a second-level cache of 512 KiB at most, the weights have the rest.
    static let stripBytes = 128 << 10

    /// - Parameters:
    ///   - kernel: of `.pointwiseToPixels`.
    ///   - weights: [outputs, taps, inputs / groups] in [-127, 127].
    ///   - padding: stored bytes of a pixel outside, one a channel.
    package init(
        kernel: Kernel, geometry: WindowGeometry, inputs: Int, outputs: Int, groups: Int, weights: [Int8],
        params: ChannelParams, output: OutputRange, padding: [UInt8], skip: (zeroPoint: Int8, multiplier: Float)?
    ) {
        precondition(inputs % groups == 0 && outputs % groups == 0 && padding.count == inputs)
        let (groupInputs, groupOutputs, taps) = (inputs / groups, outputs / groups, geometry.taps)
        precondition(weights.count == outputs * taps * groupInputs)
        var merged = 1
        while merged < groups && (merged * groupOutputs < 16 || groups % merged != 0) { merged += 1 }
        parts = stride(from: 0, to: groups, by: merged).map { first in
            let (partInputs, partOutputs) = (merged * groupInputs, merged * groupOutputs)
            var own = [Int8](repeating: 0, count: partOutputs * taps * partInputs)
            for row in 0..<partOutputs {
                let group = row / groupOutputs
                for tap in 0..<taps {
                    let source = ((first * groupOutputs + row) * taps + tap) * groupInputs
                    let target = (row * taps + tap) * partInputs + group * groupInputs
                    for i in 0..<groupInputs { own[target + i] = weights[source + i] }
                }
            }
            let channels = first * groupOutputs..<first * groupOutputs + partOutputs
            return Part(
                layer: PointwiseLayer(
                    kernel: kernel, channels: partOutputs, inputs: taps * partInputs, weights: own,
                    params: ChannelParams(
                        bias: Array(params.bias[channels]), multipliers: Array(params.multipliers[channels]),
                        inputZeroPoint: params.inputZeroPoint), output: output),
                inputs: first * groupInputs..<first * groupInputs + partInputs, outputs: channels)
        }
        self.geometry = geometry
        self.padding = padding
        self.skip = skip
    }

    package var kernel: Kernel { parts[0].layer.kernel }
    package var weightBytes: Int { parts.reduce(0) { $0 + $1.layer.weights.byteCount } }

    private func rowStride(_ part: Part) -> Int { PixelsView.stride(channels: part.layer.inputs) }

    /// Output rows gathered at a time.
    var stripRows: Int {
        let row = geometry.outputWidth * rowStride(parts[0])
        return min(geometry.outputHeight, max(1, WindowConvolution.stripBytes / row))
    }

    /// Bytes one worker needs.
    package var scratchBytes: Int {
        stripRows * geometry.outputWidth * rowStride(parts[0])
    }

    /// - Parameters:
    ///   - rows: output rows to compute.
    ///   - output: the whole output.
    ///   - skipPixels: the whole tensor to add, of the output's geometry; needed exactly when there is a skip.
    package func run(
        _ rows: Range<Int>, from source: WindowSource, pixels: PixelsView?, adding skipPixels: PixelsView?,
        into output: PixelsView, scratch: borrowing WorkerScratch
    ) {
        precondition((skip == nil) == (skipPixels == nil) && scratch.byteCount >= scratchBytes)
        precondition(source.channels == padding.count)
        if geometry.isPointwise, let pixels {
            let sampled = geometry.stride == 1 ? pixels : pixels.subsampled(geometry.stride)
            for part in parts {
                run(part, sampled.slice(part.inputs).subrows(rows), rows, adding: skipPixels, into: output)
            }
            return
        }
        let memory = unsafe scratch.base
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: stripRows) {
            let strip = first..<min(first + stripRows, rows.upperBound)
            for part in parts {
                let stride = rowStride(part)
                let own = source.slice(part.inputs)
                unsafe padding.withUnsafeBufferPointer { padding in
                    var args = unsafe tsr_gather_args(
                        window: geometry.c(own, rows: strip), channel_bytes: Int32(part.inputs.count), flip: own.flip,
                        padding: padding.baseAddress.map { unsafe $0 + part.inputs.lowerBound }, out: memory,
                        out_pixel_stride: stride)
                    unsafe tsr_gather(&args)
                }
                let gathered = unsafe PixelsView(
                    base: memory, rows: strip.count, width: geometry.outputWidth, channels: part.layer.inputs,
                    rowStride: geometry.outputWidth * stride, pixelStride: stride)
                run(part, gathered, strip, adding: skipPixels, into: output)
            }
        }
    }

    private func run(
        _ part: Part, _ input: PixelsView, _ rows: Range<Int>, adding skipPixels: PixelsView?, into output: PixelsView
    ) {
        let added = skipPixels.flatMap { pixels in
            skip.map {
                SkipInput(
                    pixels: pixels.subrows(rows).slice(part.outputs), zeroPoint: $0.zeroPoint, multiplier: $0.multiplier
                )
            }
        }
        part.layer(input, into: output.subrows(rows).slice(part.outputs), adding: added)
    }
}
