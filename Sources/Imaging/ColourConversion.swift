import Tensors

/// Uncompressed camera formats to RGB, for a rectangle of the picture.
///
/// BT.601, limited range, in integers (the usual 8-bit fixed-point coefficients, rounded to nearest):
/// with c = Y - 16, d = U - 128, e = V - 128
/// R = (298 c + 409 e + 128) >> 8, G = (298 c - 100 d - 208 e + 128) >> 8, B = (298 c + 516 d + 128) >> 8, clamped to bytes.
/// Chroma of 4:2:2 and 4:2:0 is repeated, not interpolated. GREY is taken as it is: cameras that send it use the full range.
/// JPEG never comes here: libjpeg converts it by JFIF's full-range rule.
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
        let (format, stride, height) = (frame.format, frame.strideBytes, frame.height)
        precondition(
            target.count >= window.width * window.height * 3 && window.x >= 0 && window.y >= 0
                && window.x + window.width <= frame.width && window.y + window.height <= height)
        unsafe frame.bytes.withUnsafeBufferPointer { bytes in
            unsafe target.withUnsafeMutableBufferPointer { target in
                guard let start = bytes.baseAddress, var out = target.baseAddress else { return }
                for y in window.y..<(window.y + window.height) {
                    let line = unsafe start + y * stride
                    switch format {
                    case .yuyv:
                        unsafe packed(line, luma: 0, u: 1, v: 3, window, out)
                    case .uyvy:
                        unsafe packed(line, luma: 1, u: 0, v: 2, window, out)
                    case .nv12:
                        let chroma = unsafe start + (height + y / 2) * stride
                        unsafe planar(line, chroma, chroma + 1, step: 2, window, out)
                    case .i420:
                        let chromaStride = (stride + 1) / 2
                        let u = unsafe start + (height * stride + y / 2 * chromaStride)
                        let v = unsafe u + (height + 1) / 2 * chromaStride
                        unsafe planar(line, u, v, step: 1, window, out)
                    case .rgb24:
                        unsafe out.update(from: line + window.x * 3, count: window.width * 3)
                    case .grey:
                        for x in 0..<window.width {
                            let luma = unsafe line[window.x &+ x]
                            unsafe out[3 &* x] = luma
                            unsafe out[3 &* x &+ 1] = luma
                            unsafe out[3 &* x &+ 2] = luma
                        }
                    case .mjpeg:
                        return
                    }
                    unsafe out += window.width * 3
                }
            }
        }
    }

    private static func packed(
        _ line: UnsafePointer<UInt8>, luma: Int, u: Int, v: Int, _ window: Window, _ out: UnsafeMutablePointer<UInt8>
    ) {
        for x in 0..<window.width {
            let column = window.x &+ x
            let pair = unsafe line + (column &>> 1) &* 4
            unsafe store(pair[luma &+ (column & 1) &* 2], pair[u], pair[v], out + 3 &* x)
        }
    }

    private static func planar(
        _ line: UnsafePointer<UInt8>, _ u: UnsafePointer<UInt8>, _ v: UnsafePointer<UInt8>, step: Int, _ window: Window,
        _ out: UnsafeMutablePointer<UInt8>
    ) {
        for x in 0..<window.width {
            let column = window.x &+ x
            let chroma = (column &>> 1) &* step
            unsafe store(line[column], u[chroma], v[chroma], out + 3 &* x)
        }
    }

    @inline(__always)
    private static func store(_ y: UInt8, _ u: UInt8, _ v: UInt8, _ out: UnsafeMutablePointer<UInt8>) {
        let c = (Int32(y) &- 16) &* 298 &+ 128
        let (d, e) = (Int32(u) &- 128, Int32(v) &- 128)
        unsafe out[0] = clamp(c &+ 409 &* e)
        unsafe out[1] = clamp(c &- 100 &* d &- 208 &* e)
        unsafe out[2] = clamp(c &+ 516 &* d)
    }

    @inline(__always)
    private static func clamp(_ value: Int32) -> UInt8 { UInt8(truncatingIfNeeded: max(0, min(255, value &>> 8))) }
}
