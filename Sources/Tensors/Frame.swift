/// One picture on its way from a source to the network. Its storage is meant to be reused: `bytes` keeps its capacity.
package struct Frame: Sendable {
    package var format: PixelFormat
    /// Pixels; 0 for a JPEG whose header has not been read.
    package var width: Int
    /// Pixels; 0 for a JPEG whose header has not been read.
    package var height: Int
    /// Bytes from one row (of the first plane) to the next; 0 for a JPEG.
    package var strideBytes: Int
    /// The picture itself; exactly the valid bytes.
    package var bytes: [UInt8]
    /// The source's own count, from 0.
    package var sequence: UInt64
    /// CLOCK_MONOTONIC when the picture was taken, in nanoseconds.
    package var capturedNs: UInt64
    /// What the picture is called where it comes from (a file name), for messages; nil for a live camera.
    package var name: String?

    package init() {
        (format, width, height, strideBytes, bytes, sequence, capturedNs, name) = (.rgb24, 0, 0, 0, [], 0, 0, nil)
    }
}
