import LinuxIO
package import Tensors

/// A YUV4MPEG2 stream (4:2:0 at 8 bits, or mono) from a file, a pipe or standard input, in order.
package final class Y4MSource: FrameSource {
    package let identity: String
    package var isLive: Bool { false }
    package var losses: FrameLosses { FrameLosses() }
    package let interruption: Interruption
    private let stream: ByteStream
    private var header: Y4MHeader?
    private var buffer: [UInt8] = []
    private var consumed = 0
    private var count: UInt64 = 0

    /// - Parameter path: "-" is standard input.
    package init(path: String, interruption: Interruption) throws(CaptureError) {
        identity = "y4m:\(path)"
        self.interruption = interruption
        stream = try ByteStream(path: path, source: identity, interruption: interruption)
    }

    /// Throws `badData` for a stream that is not Y4M of a known kind, and when a frame is cut short.
    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        if header == nil {
            guard let line = try readLine() else {
                if interruption.isRaised { return false }
                throw bad("not a YUV4MPEG2 stream")
            }
            header = try Y4MHeader(parsing: line, source: identity)
        }
        guard let header else { return false }
        guard let line = try readLine() else { return false }
        guard line == "FRAME" || line.hasPrefix("FRAME ") else { throw bad("frame \(count) does not begin with FRAME") }
        guard try fill(header.frameBytes) else {
            if interruption.isRaised { return false }
            throw bad("frame \(count) is cut short")
        }
        frame.bytes.removeAll(keepingCapacity: true)
        frame.bytes.append(contentsOf: buffer[consumed..<(consumed + header.frameBytes)])
        consumed += header.frameBytes
        (frame.format, frame.width, frame.height) = (header.format, header.width, header.height)
        (frame.strideBytes, frame.sequence, frame.name) = (header.width, count, nil)
        frame.capturedNs = MonotonicClock.now()
        count += 1
        return true
    }

    private func bad(_ message: String) -> CaptureError { CaptureError(.badData, source: identity, message) }

    /// Sees to it that `wanted` unread bytes are in the buffer; false when the stream ends before, or on interruption.
    private func fill(_ wanted: Int) throws(CaptureError) -> Bool {
        if consumed > 0 {
            buffer.removeSubrange(..<consumed)
            consumed = 0
        }
        while buffer.count < wanted {
            let more = try stream.read { buffer.append(contentsOf: $0) }
            if !more { return false }
        }
        return true
    }

    /// A line of at most 256 bytes, without its end; nil at the end of the stream, or on interruption.
    private func readLine() throws(CaptureError) -> String? {
        var length = 0
        while true {
            while consumed + length < buffer.count {
                if buffer[consumed + length] == 10 {
                    let line = String(decoding: buffer[consumed..<(consumed + length)], as: UTF8.self)
                    consumed += length + 1
                    return line
                }
                length += 1
                if length > 256 { throw bad("a header line is longer than 256 bytes: not a YUV4MPEG2 stream") }
            }
            let unread = buffer.count - consumed
            if try !fill(unread + 1) {
                if unread > 0 && !interruption.isRaised { throw bad("cut short in a header") }
                return nil
            }
        }
    }
}

/// First line of a YUV4MPEG2 stream.
struct Y4MHeader: Hashable {
    let width: Int
    let height: Int
    let format: PixelFormat

    /// Bytes of one frame.
    var frameBytes: Int {
        let chroma = format == .grey ? 0 : 2 * ((width + 1) / 2) * ((height + 1) / 2)
        return width * height + chroma
    }

    init(parsing line: String, source: String) throws(CaptureError) {
        let fields = line.split(separator: " ")
        guard fields.first == "YUV4MPEG2" else {
            throw CaptureError(.badData, source: source, "not a YUV4MPEG2 stream")
        }
        var (width, height, kind) = (0, 0, "420")
        for field in fields.dropFirst() {
            let value = String(field.dropFirst())
            switch field.first {
            case "W": width = Int(value) ?? 0
            case "H": height = Int(value) ?? 0
            case "C": kind = value
            default: break  // rate, interlacing, aspect, comments
            }
        }
        guard (1...16384).contains(width), (1...16384).contains(height), width * height <= 64 << 20 else {
            throw CaptureError(.badData, source: source, "no usable frame size in \"\(line)\"")
        }
        switch kind {
        case "420", "420jpeg", "420mpeg2", "420paldv": format = .i420
        case "mono": format = .grey
        default:
            throw CaptureError(.badData, source: source, "colour space C\(kind) is not supported; use C420 or Cmono")
        }
        (self.width, self.height) = (width, height)
    }
}
