internal import CKernels
internal import Tensors

/// Per-channel parameters of a layer, before packing.
package struct ChannelParams: Sendable {
    /// [channels] in steps of s_in * s_w[c].
    package let bias: [Int32]
    /// [channels] m of the integer rule; finite, not negative.
    package let multipliers: [Float]
    /// Logical zero point of the input.
    package let inputZeroPoint: Int8

    package init(bias: [Int32], multipliers: [Float], inputZeroPoint: Int8) {
        precondition(bias.count == multipliers.count)
        self.bias = bias
        self.multipliers = multipliers
        self.inputZeroPoint = inputZeroPoint
    }

    func withC<Result>(_ body: (UnsafePointer<tsr_channel_params>) -> Result) -> Result {
        unsafe bias.withUnsafeBufferPointer { bias in
            unsafe multipliers.withUnsafeBufferPointer { multipliers in
                var params = unsafe tsr_channel_params(
                    bias: bias.baseAddress, multiplier: multipliers.baseAddress,
                    input_zero_point: Int32(inputZeroPoint))
                return unsafe body(&params)
            }
        }
    }
}

/// A layer's weights as its kernel streams them. Immutable, so any number of threads may run it.
@safe package final class PackedWeights: Sendable {
    private let buffer: AlignedBuffer<UInt8>
    package let packing: Packing
    /// Output channels.
    package let channels: Int
    /// Bytes from one block of 16 output channels to the next.
    package let blockBytes: Int
    /// What kernels may rely on.
    let sums: SumPromises

    private init(
        packing: Packing, channels: Int, blockBytes: Int, sums: SumPromises, fill: (UnsafeMutableRawPointer) -> Void
    ) {
        precondition(channels > 0)
        self.sums = sums
        self.packing = packing
        self.channels = channels
        self.blockBytes = blockBytes
        buffer = AlignedBuffer(count: QuadLayout.blocks(channels: channels) * blockBytes)
        unsafe fill(UnsafeMutableRawPointer(buffer.baseAddress))
    }

    package var byteCount: Int { buffer.count }
    package var blocks: Int { QuadLayout.blocks(channels: channels) }
    var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(buffer.baseAddress) }

    /// Where some of the blocks begin.
    func pointer(firstBlock: Int, blocks count: Int) -> UnsafeRawPointer {
        precondition(firstBlock >= 0 && count > 0 && firstBlock + count <= blocks)
        return unsafe pointer + firstBlock * blockBytes
    }

    /// - Parameter weights: [channels, inputs] in [-127, 127].
    package static func pointwise(
        _ packing: Packing, channels: Int, inputs: Int, weights: [Int8], params: ChannelParams
    ) -> PackedWeights {
        precondition(weights.count == channels * inputs && params.bias.count == channels)
        let sums = params.promises(weights: weights)
        let bytes = tsr_pointwise_block_bytes(packing.c, Int32((inputs + 3) / 4))
        return unsafe PackedWeights(packing: packing, channels: channels, blockBytes: bytes, sums: sums) {
            packed in
            unsafe params.withC {
                unsafe tsr_pack_pointwise(packing.c, Int32(channels), Int32(inputs), weights, $0, packed)
            }
        }
    }

    /// - Parameter weights: [channels, 3, 3] in [-127, 127].
    package static func depthwise3x3(
        _ packing: Packing, stride: Int, channels: Int, weights: [Int8], params: ChannelParams
    ) -> PackedWeights {
        precondition(weights.count == channels * 9 && params.bias.count == channels && (1...2).contains(stride))
        let sums = params.promises(weights: weights)
        let bytes = tsr_depthwise3x3_block_bytes(packing.c, Int32(stride))
        return unsafe PackedWeights(packing: packing, channels: channels, blockBytes: bytes, sums: sums) {
            packed in
            unsafe params.withC {
                unsafe tsr_pack_depthwise3x3(packing.c, Int32(stride), Int32(channels), weights, $0, packed)
            }
        }
    }

    /// - Parameter weights: [channels, 3, 3, 3 colours] in [-127, 127].
    package static func stem3x3(
        _ packing: Packing, channels: Int, weights: [Int8], params: ChannelParams
    ) -> PackedWeights {
        precondition(weights.count == channels * 27 && params.bias.count == channels)
        let sums = params.promises(weights: weights)
        let bytes = tsr_stem3x3_block_bytes(packing.c)
        return unsafe PackedWeights(packing: packing, channels: channels, blockBytes: bytes, sums: sums) {
            packed in
            unsafe params.withC { unsafe tsr_pack_stem3x3(packing.c, Int32(channels), weights, $0, packed) }
        }
    }
}
