import CJPEG

/// Makes JPEG bytes from pixels: for fixtures and for frames that are kept, not for the frame path.
package enum JPEGEncoder {
    package struct Options: Hashable, Sendable {
        /// 1...100
        package var quality = 90
        /// Chroma at half size both ways (4:2:0), else whole (4:4:4).
        package var isSubsampled = true
        /// One component, taken from R.
        package var isGrey = false
        package var isProgressive = false
        package init() {}
    }

    /// - Parameter rgb: [height][width][3]
    package static func encode(
        _ rgb: [UInt8], width: Int, height: Int, _ options: Options = Options()
    ) throws(ImagingError) -> [UInt8] {
        guard (1...16384).contains(width), (1...16384).contains(height), rgb.count >= width * height * 3 else {
            throw ImagingError(.badGeometry, "\(rgb.count) bytes are no \(width)x\(height) RGB picture")
        }
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        let status = unsafe rgb.withUnsafeBufferPointer { rgb in
            unsafe tsr_jpeg_encode(
                rgb.baseAddress, Int32(width), Int32(height), width * 3, Int32(max(1, min(100, options.quality))),
                options.isSubsampled ? 1 : 0, options.isGrey ? 1 : 0, options.isProgressive ? 1 : 0, &bytes, &count)
        }
        guard status == TSR_JPEG_OK, let bytes = unsafe bytes else {
            throw ImagingError(.unsupported, "libjpeg cannot encode it")
        }
        defer { unsafe tsr_jpeg_free(bytes) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    }
}
