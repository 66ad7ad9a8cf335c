import LinuxIO
package import Tensors

/// Concatenated JPEG pictures from a file, a pipe or standard input, in order.
package final class MJPEGSource: FrameSource {
    package let identity: String
    package var isLive: Bool { false }
    package var losses: FrameLosses { FrameLosses(damaged: UInt64(scanner.oversized)) }
    package let interruption: Interruption
    private let stream: ByteStream
    private var scanner = JPEGScanner()
    private var count: UInt64 = 0
    private var isAtEnd = false
    /// Bytes before the first picture.
    private var leading = 0
    /// More of them than any head of a stream has.
    private static let leadingLimit = 16 << 20

    /// - Parameter path: "-" is standard input.
    package init(path: String, interruption: Interruption) throws(CaptureError) {
        identity = "mjpeg:\(path)"
        self.interruption = interruption
        stream = try ByteStream(path: path, source: identity, interruption: interruption)
    }

    /// Throws `badData` when the stream, or as much of it as no head of one has, holds no JPEG.
    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        while !isAtEnd {
            if interruption.isRaised { return false }
            if scanner.next(into: &frame.bytes) { return deliver(&frame) }
            let hasMore = try stream.read {
                scanner.append($0)
                if count == 0 { leading += $0.count }
            }
            if !hasMore {
                if interruption.isRaised { return false }
                isAtEnd = true
                if scanner.finish(into: &frame.bytes) { return deliver(&frame) }
            }
            if count == 0 && (isAtEnd || leading > MJPEGSource.leadingLimit) {
                throw CaptureError(.badData, source: identity, "no JPEG picture in it; give concatenated JPEGs")
            }
        }
        return false
    }

    private func deliver(_ frame: inout Frame) -> Bool {
        (frame.format, frame.width, frame.height, frame.strideBytes) = (.mjpeg, 0, 0, 0)
        (frame.sequence, frame.capturedNs, frame.name) = (count, MonotonicClock.now(), nil)
        count += 1
        return true
    }
}
