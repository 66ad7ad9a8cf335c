package import Tensors

/// All memory that one inference touches besides weights and worker scratch: the input picture with its border, the
/// activations that live between blocks, the logits. Allocated once.
///
/// The arena hands out views; which worker may write where is the plan's business: within a step workers write disjoint
/// rows, and steps are separated by a barrier.
@safe package final class Arena: Sendable {
    private let activations: AlignedBuffer<UInt8>
    private let pictureBytes: AlignedBuffer<UInt8>
    private let logitValues: AlignedBuffer<Float>
    package let pictureHeight: Int
    package let pictureWidth: Int

    /// - Parameters:
    ///   - activationBytes: what the plan's placements need.
    ///   - pictureHeight: rows of the network's input; its border is added here.
    ///   - logits: outputs of the last layer.
    package init(activationBytes: Int, pictureHeight: Int, pictureWidth: Int, logits: Int) {
        activations = AlignedBuffer(count: activationBytes)
        let bytes = PictureView.byteCount(height: pictureHeight, width: pictureWidth)
        pictureBytes = AlignedBuffer(count: bytes)
        unsafe pictureBytes.baseAddress.update(repeating: 128, count: bytes)
        logitValues = AlignedBuffer(count: logits)
        self.pictureHeight = pictureHeight
        self.pictureWidth = pictureWidth
    }

    /// Bytes in all.
    package var byteCount: Int { activations.count + pictureBytes.count + logitValues.count * 4 }

    /// A tensor at an offset; rows and pixels are contiguous but for rounding the channels up to 4.
    package func pixels(at offset: Int, shape: Shape) -> PixelsView {
        let stride = PixelsView.stride(channels: shape.channels)
        precondition(offset >= 0 && offset + shape.pixels * stride <= activations.count, "the plan fits the arena")
        return unsafe PixelsView(
            base: activations.baseAddress + offset, rows: shape.height, width: shape.width, channels: shape.channels,
            rowStride: shape.width * stride, pixelStride: stride)
    }

    /// A vector at an offset, as logical bytes. Only between two inferences.
    package func vector(at offset: Int, count: Int) -> [Int8] {
        precondition(offset >= 0 && count >= 0 && offset + count <= activations.count, "the plan fits the arena")
        return unsafe UnsafeBufferPointer(start: activations.baseAddress + offset, count: count).map {
            StoredByte.decode($0)
        }
    }

    /// A panel that workers hand over, at an offset.
    package func panel(at offset: Int, rows: Int, width: Int, blocks: Int) -> PanelView {
        let count = PanelView.byteCount(rows: rows, width: width, blocks: blocks)
        precondition(offset >= 0 && offset + count <= activations.count, "the plan fits the arena")
        return unsafe PanelView(base: activations.baseAddress + offset, rows: rows, width: width, blocks: blocks)
    }

    /// The input as the stem reads it.
    package var picture: PictureView {
        unsafe PictureView(base: pictureBytes.baseAddress, height: pictureHeight, width: pictureWidth)
    }

    /// The input as preprocessing writes it: the whole buffer; pixel (0, 0) lies at `PictureView.origin`, rows
    /// `PictureView.rowStride` apart, three bytes a pixel. Only between two inferences; the border must stay as it is.
    package func withPictureBytes<Result, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var span = unsafe MutableSpan(_unsafeStart: pictureBytes.baseAddress, count: pictureBytes.count)
        return try body(&span)
    }

    /// The logits of the last inference. Only between two inferences, or for the step that writes them.
    package func withLogits<Result>(_ body: (inout MutableSpan<Float>) -> Result) -> Result {
        var span = unsafe MutableSpan(_unsafeStart: logitValues.baseAddress, count: logitValues.count)
        return body(&span)
    }
}
