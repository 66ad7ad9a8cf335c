import Tensors

/// Grey and packed RGB frames to RGB rows, for a rectangle of the picture, and what every uncompressed format must measure.
/// GREY is taken as it is: cameras that send it use the full range. YUV never comes here (`YUVResizer`), nor does JPEG, which
/// libjpeg converts by JFIF's full-range rule.
@safe struct ColourConversion {
    /// Columns and rows of the picture that are wanted.
    struct Window: Equatable {
        var x: Int
        var y: Int
        var width: Int
        var height: Int
    }

    /// Bytes that a frame of this format must have at least; nil for JPEG, or when the geometry makes no sense.
    static func bytesNeeded(_ format: PixelFormat, width: Int, height: Int, strideBytes: Int) -> Int? {
        guard (1...16384).contains(width), (1...16384).contains(height), strideBytes <= 1 << 20 else { return nil }
        let halfHeight = (height + 1) / 2
        switch format {
        case .mjpeg: return nil
        case .yuyv, .uyvy:
            let row = (width + 1) / 2 * 4
            return strideBytes >= row ? (height - 1) * strideBytes + row : nil
        case .rgb24: return strideBytes >= width * 3 ? (height - 1) * strideBytes + width * 3 : nil
        case .grey: return strideBytes >= width ? (height - 1) * strideBytes + width : nil
        case .nv12:
            let chromaRow = (width + 1) / 2 * 2
            return strideBytes >= chromaRow ? (height + halfHeight - 1) * strideBytes + chromaRow : nil
        case .i420:
            let (chromaStride, chromaRow) = ((strideBytes + 1) / 2, (width + 1) / 2)
            return strideBytes >= width
                ? height * strideBytes + (2 * halfHeight - 1) * chromaStride + chromaRow : nil
        }
    }

    /// Writes the window as packed RGB, [window.height][window.width][3], to the front of `target`.
    /// The frame's geometry has been checked with `bytesNeeded`, and the window lies inside it.
    static func convert(_ frame: borrowing Frame, window: Window, into target: inout [UInt8]) {
        let (format, stride) = (frame.format, frame.strideBytes)
        precondition(
            target.count >= window.width * window.height * 3 && window.x >= 0 && window.y >= 0
                && window.x + window.width <= frame.width && window.y + window.height <= frame.height)
        unsafe frame.bytes.withUnsafeBufferPointer { bytes in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let start = bytes.baseAddress, var out = target.baseAddress else { return }
                for y in window.y..<(window.y + window.height) {
                    let line = unsafe start + y * stride
                    switch format {
                    case .rgb24:
                        unsafe out.update(from: line + window.x * 3, count: window.width * 3)
                    case .grey:
                        for x in 0..<window.width {
                            let luma = unsafe line[window.x &+ x]
                            unsafe out[3 &* x] = luma
                            unsafe out[3 &* x &+ 1] = luma
                            unsafe out[3 &* x &+ 2] = luma
                        }
                    case .mjpeg, .yuyv, .uyvy, .nv12, .i420:
                        return
                    }
                    unsafe out += window.width * 3
                }
            }
        }
    }
}
