internal import CKernels

/// A window that slides over a tensor, as kernels know it.
package struct WindowGeometry: Hashable, Sendable {
    package let kernelHeight: Int
    package let kernelWidth: Int
    package let stride: Int
    package let dilation: Int
    /// Rows of padding above, columns of padding left.
    package let top: Int
    package let left: Int
    /// Extent of the output.
    package let outputHeight: Int
    package let outputWidth: Int

    package init(
        kernelHeight: Int, kernelWidth: Int, stride: Int, dilation: Int, top: Int, left: Int, outputHeight: Int,
        outputWidth: Int
    ) {
        precondition(kernelHeight > 0 && kernelWidth > 0 && stride > 0 && dilation > 0 && top >= 0 && left >= 0)
        precondition(outputHeight > 0 && outputWidth > 0)
        (self.kernelHeight, self.kernelWidth) = (kernelHeight, kernelWidth)
        (self.stride, self.dilation, self.top, self.left) = (stride, dilation, top, left)
        (self.outputHeight, self.outputWidth) = (outputHeight, outputWidth)
    }

    package var taps: Int { kernelHeight * kernelWidth }

    /// Whether outputs are pixels of the input: nothing has to be gathered.
    package var isPointwise: Bool { taps == 1 && top == 0 && left == 0 }

    func c(_ source: WindowSource, rows: Range<Int>) -> tsr_window {
        unsafe tsr_window(
            in: source.base, in_row_stride: source.rowStride, in_pixel_stride: source.pixelStride,
            height: Int32(source.height), width: Int32(source.width), kernel_height: Int32(kernelHeight),
            kernel_width: Int32(kernelWidth), stride: Int32(stride), dilation: Int32(dilation), top: Int32(top),
            left: Int32(left), first_row: Int32(rows.lowerBound), rows: Int32(rows.count),
            out_width: Int32(outputWidth))
    }
}

/// What a window slides over: a tensor, or the camera's picture.
@safe package struct WindowSource {
    let base: UnsafePointer<UInt8>
    let rowStride: Int
    let pixelStride: Int
    package let height: Int
    package let width: Int
    package let channels: Int
    /// What turns the bytes into stored bytes: 128 for a picture where stored bytes are signed.
    let flip: UInt8

    package init(_ pixels: PixelsView) {
        unsafe base = UnsafePointer(pixels.base)
        (rowStride, pixelStride) = (pixels.rowStride, pixels.pixelStride)
        (height, width, channels) = (pixels.rows, pixels.width, pixels.channels)
        flip = 0
    }

    package init(_ picture: PictureView) {
        unsafe base = picture.borderedRow(1) + 3
        rowStride = PictureView.rowStride(width: picture.width)
        pixelStride = 3
        (height, width, channels) = (picture.height, picture.width, 3)
        flip = UInt8(128 - StoredByte.bias)
    }

    private init(_ source: WindowSource, firstChannel: Int, channels: Int) {
        unsafe base = source.base + firstChannel
        (rowStride, pixelStride, flip) = (source.rowStride, source.pixelStride, source.flip)
        (height, width, self.channels) = (source.height, source.width, channels)
    }

    /// Some channels.
    func slice(_ range: Range<Int>) -> WindowSource {
        precondition(range.lowerBound >= 0 && range.upperBound <= channels && !range.isEmpty)
        return WindowSource(self, firstChannel: range.lowerBound, channels: range.count)
    }
}
