package import Kernels
package import LinuxIO
import Tensors

/// A whole fused block, compared with the layers one after the other in plain arithmetic.
package struct BlockCase: Sendable, CustomStringConvertible {
    package enum Producer: String, CaseIterable, Sendable { case stem, pointwise, interleave }

    package var producer: Producer
    /// Rows and columns of the tensor between producer and depthwise layer.
    package var innerHeight: Int
    package var innerWidth: Int
    /// Channels the producer reads; a stem reads 3.
    package var inputs: Int
    /// Channels of the depthwise layer; an interleave has its inputs.
    package var middle: Int
    package var channels: Int
    package var stride: Int
    package var hasSkip: Bool
    package var stripRows: Int
    /// Parts that the output rows are cut into, one a worker.
    package var workers: Int

    package var description: String {
        "\(producer.rawValue) \(innerHeight)x\(innerWidth) \(inputs)->\(middle)->\(channels) s\(stride)"
            + "\(hasSkip ? " skip" : "") strips of \(stripRows), \(workers) workers"
    }

    package init(
        _ producer: Producer, innerHeight: Int, innerWidth: Int, inputs: Int, middle: Int, channels: Int, stride: Int,
        hasSkip: Bool = false, stripRows: Int, workers: Int
    ) {
        precondition(producer != .interleave || inputs == middle)
        self.producer = producer
        self.innerHeight = innerHeight
        self.innerWidth = innerWidth
        self.inputs = producer == .stem ? 3 : inputs
        self.middle = middle
        self.channels = channels
        self.stride = stride
        self.hasSkip = hasSkip
        self.stripRows = stripRows
        self.workers = workers
    }

    /// Runs the block with the best kernels for the features.
    /// - Returns: how the output differs from the plain arithmetic, nil when it does not.
    package func flaw(features: CPUFeatures, seed: UInt64) throws(SystemError) -> String? {
        var rng = SplitMix64(seed: HarnessSeed.derive(seed, description))
        let layers = Layers(self, rng: &rng)
        let input = layers.randomInput(of: self, rng: &rng)
        let output = try BlockOutput(self)
        let skip = hasSkip ? try BlockOutput(self, filledWith: rng.bytes(output.layout.byteCount)) : nil
        let expected = layers.expected(of: self, input: input, skip: skip?.tensor)

        let block = layers.block(of: self, features: features)
        let (memory, source) = try layers.source(of: self, input)
        return try withExtendedLifetime(memory) { () throws(SystemError) -> String? in
            shareRows(of: block, from: source, adding: skip?.view, into: output.view)
            if let flaw = output.flaw(expected: expected) { return flaw }
            guard producer != .stem else { return nil }  // a stem makes all channels at once
            let second = try BlockOutput(self)
            try shareChannels(of: block, from: source, adding: skip?.view, into: second.view)
            return second.flaw(expected: expected).map { "shared by channels: \($0)" }
        }
    }

    /// The block with random weights and the best kernels for the features.
    package func block(features: CPUFeatures, seed: UInt64) -> SeparableBlock {
        var rng = SplitMix64(seed: HarnessSeed.derive(seed, description))
        return Layers(self, rng: &rng).block(of: self, features: features)
    }

    // Scratch is larger than needed and used by all workers in turn, so that leftovers of another part lie in it.

    private func shareRows(
        of block: SeparableBlock, from source: SeparableBlock.Input, adding skip: PixelsView?, into output: PixelsView
    ) {
        let scratch = WorkerScratch(byteCount: block.scratchBytes + 64)
        for worker in 0..<workers {
            let rows = BlockSharing.share(block.outputHeight, worker: worker, of: workers)
            if !rows.isEmpty { block.run(rows, from: source, adding: skip, into: output, scratch: scratch) }
        }
    }

    private func shareChannels(
        of block: SeparableBlock, from source: SeparableBlock.Input, adding skip: PixelsView?, into output: PixelsView
    ) throws(SystemError) {
        let scratch = WorkerScratch(byteCount: block.scratchBytes + 64)
        let memory = try Memory(count: block.sharedPanelBytes, .canaries)
        let panel = memory.panel(
            rows: block.outputHeight, width: block.outputWidth, blocks: block.depthwise.weights.blocks)
        withExtendedLifetime(memory) {
            for worker in 0..<workers {
                let blocks = block.filterShare(worker: worker, of: workers)
                if !blocks.isEmpty { block.filter(blocks, from: source, into: panel, scratch: scratch) }
            }
            for worker in 0..<workers {
                let part = block.projectShare(worker: worker, of: workers)
                if !part.isEmpty { block.project(part, of: panel, adding: skip, into: output) }
            }
        }
    }
}

/// Output (or skip) of a block, with gaps between pixels and canaries all around.
private struct BlockOutput {
    let memory: Memory
    let layout: OutputLayout
    let height: Int
    let width: Int
    let channels: Int
    private let initial: [UInt8]

    init(_ test: BlockCase, filledWith bytes: [UInt8]? = nil) throws(SystemError) {
        height = (test.innerHeight - 1) / test.stride + 1
        width = (test.innerWidth - 1) / test.stride + 1
        channels = test.channels
        let pixelStride = PixelsView.stride(channels: channels) + 4
        layout = .pixels(
            rows: height, width: width, channels: channels, rowStride: width * pixelStride, pixelStride: pixelStride)
        memory = try Memory(count: layout.byteCount, .canaries)
        initial = [UInt8](repeating: Memory.canary, count: memory.totalCount)
        memory.store(initial, at: -memory.margin)
        if let bytes { memory.store(bytes) }
    }

    var view: PixelsView {
        let pixelStride = PixelsView.stride(channels: channels) + 4
        return memory.pixels(
            rows: height, width: width, channels: channels, rowStride: width * pixelStride, pixelStride: pixelStride)
    }

    var tensor: PlainTensor {
        let bytes = memory.snapshot()
        return PlainTensor(
            height: height, width: width, channels: channels,
            values: layout.written.flatMap { range in range.map { StoredByte.decode(bytes[memory.margin + $0]) } })
    }

    func flaw(expected: PlainTensor) -> String? {
        var whole = initial
        for (range, pixel) in zip(layout.written, 0...) {
            for (channel, offset) in range.enumerated() {
                whole[memory.margin + offset] = StoredByte.encode(expected.values[pixel * channels + channel])
            }
        }
        let actual = memory.snapshot()
        if isEqual(whole, actual) { return nil }
        return Difference(PreparedRun.Output(memory, layout), expected: whole, actual: actual)?.description
    }
}

/// The three layers' numbers, and what can be made of them.
private struct Layers {
    let producer: LayerData
    let depthwise: LayerData
    let projection: LayerData

    init(_ test: BlockCase, rng: inout SplitMix64) {
        let producerTaps = test.producer == .stem ? 27 : test.inputs
        var producer = LayerData(
            .random, channels: test.middle, taps: producerTaps, fixedZeroPoint: test.producer == .stem ? 0 : nil,
            rng: &rng)
        // Half of the tensors between are ReLU6's, with everything below real 0 cut off.
        if Bool.random(using: &rng) { producer.output = OutputRange(zeroPoint: -128, low: -128, high: 127) }
        let middleZero = test.producer == .interleave ? producer.inputZeroPoint : producer.output.zeroPoint
        depthwise = LayerData(.random, channels: test.middle, taps: 9, fixedZeroPoint: middleZero, rng: &rng)
        projection = LayerData(
            .random, channels: test.channels, taps: test.middle, fixedZeroPoint: depthwise.output.zeroPoint, rng: &rng)
        self.producer = producer
    }

    /// Logical bytes of the block's input: a picture for a stem.
    func randomInput(of test: BlockCase, rng: inout SplitMix64) -> PlainTensor {
        // A picture of an odd extent ends in the middle of the last window.
        let (height, width) =
            test.producer == .stem
            ? (2 * test.innerHeight - test.stripRows % 2, 2 * test.innerWidth - test.workers % 2)
            : (test.innerHeight, test.innerWidth)
        let values = rng.bytes(height * width * test.inputs).map { Int8(bitPattern: $0) }
        return PlainTensor(height: height, width: width, channels: test.inputs, values: values)
    }

    func expected(of test: BlockCase, input: PlainTensor, skip: PlainTensor?) -> PlainTensor {
        let middle =
            switch test.producer {
            case .stem: PlainReference.convolution(input, extent: 3, stride: 2, channels: test.middle, producer)
            case .pointwise: PlainReference.convolution(input, extent: 1, stride: 1, channels: test.middle, producer)
            case .interleave: input
            }
        return PlainReference.convolution(
            PlainReference.depthwise(middle, stride: test.stride, depthwise), extent: 1, stride: 1,
            channels: test.channels, projection,
            skip: skip.map { ($0, projection.skipZeroPoint, projection.skipMultiplier) })
    }

    func block(of test: BlockCase, features: CPUFeatures) -> SeparableBlock {
        let first: SeparableBlock.Producer =
            switch test.producer {
            case .stem:
                .stem(
                    StemLayer(
                        kernel: .best(.stem3x3, for: features), channels: test.middle, weights: producer.weights,
                        params: producer.params, output: producer.output))
            case .pointwise:
                .pointwise(
                    PointwiseLayer(
                        kernel: .best(.pointwiseToQuads, for: features), channels: test.middle, inputs: test.inputs,
                        weights: producer.weights, params: producer.params, output: producer.output))
            case .interleave:
                .interleave(
                    InterleaveLayer(kernel: .best(.interleave, for: features), zeroPoint: depthwise.inputZeroPoint))
            }
        let second = DepthwiseLayer(
            kernel: .best(test.stride == 1 ? .depthwise3x3Stride1 : .depthwise3x3Stride2, for: features),
            channels: test.middle, weights: depthwise.weights, params: depthwise.params, output: depthwise.output)
        let third = PointwiseLayer(
            kernel: .best(.pointwiseToPixels, for: features), channels: test.channels, inputs: test.middle,
            weights: projection.weights, params: projection.params, output: projection.output)
        return SeparableBlock(
            producer: first, depthwise: second, projection: third,
            skip: test.hasSkip ? (projection.skipZeroPoint, projection.skipMultiplier) : nil,
            innerHeight: test.innerHeight, innerWidth: test.innerWidth,
            padding: StoredByte.encode(depthwise.inputZeroPoint), stripRows: test.stripRows)
    }

    /// The input as the block's producer reads it.
    func source(
        of test: BlockCase, _ input: PlainTensor
    ) throws(SystemError) -> (Memory, SeparableBlock.Input) {
        guard test.producer == .stem else {
            let stride = PixelsView.stride(channels: input.channels)
            var bytes = [UInt8](repeating: 77, count: input.height * input.width * stride)
            for pixel in 0..<input.height * input.width {
                for c in 0..<input.channels {
                    bytes[pixel * stride + c] = StoredByte.encode(input.values[pixel * input.channels + c])
                }
            }
            let memory = try Memory(count: bytes.count, .canaries)
            memory.store(bytes)
            let view = memory.pixels(
                rows: input.height, width: input.width, channels: input.channels, rowStride: input.width * stride,
                pixelStride: stride)
            return (memory, .pixels(view))
        }
        let rowStride = PictureView.rowStride(width: input.width)
        let count = PictureView.byteCount(height: input.height, width: input.width)
        var bytes = [UInt8](repeating: 128, count: count)
        for y in 0..<input.height {
            for index in 0..<3 * input.width {
                let place = PictureView.origin(width: input.width) + y * rowStride + index
                bytes[place] = UInt8(Int(input.values[y * 3 * input.width + index]) + 128)
            }
        }
        let memory = try Memory(count: count, .canaries)
        memory.store(bytes)
        return (memory, .picture(memory.picture(height: input.height, width: input.width)))
    }
}
