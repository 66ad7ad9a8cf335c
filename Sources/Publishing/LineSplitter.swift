import NIOCore

/// Cuts a client's bytes into lines. Bounded: a line that passes the limit is reported once, and then the client is
/// to be disconnected.
struct LineSplitter {
    enum Next: Equatable {
        /// Without its newline; never blank.
        case line([UInt8])
        /// A line of spaces or of nothing: asks nothing, but costs.
        case blank
        case tooLong
        /// More bytes are needed.
        case nothing
    }

    /// Longest line with its newline, in bytes.
    let limit: Int
    private var buffer = ByteBuffer()
    /// Bytes from the reader index on that hold no newline.
    private var scanned = 0

    init(limit: Int) { self.limit = limit }

    mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next line.
    /// - Parameter atEnd: no more bytes will come, so the rest is a line too.
    mutating func next(atEnd: Bool) -> Next {
        let unseen = buffer.readableBytesView.dropFirst(scanned)
        guard let newline = unseen.firstIndex(of: 0x0A) else {
            scanned = buffer.readableBytes
            if scanned >= limit { return .tooLong }
            return atEnd && scanned > 0 ? take(scanned, newline: 0) : .nothing
        }
        let length = newline - buffer.readerIndex
        return length >= limit ? .tooLong : take(length, newline: 1)
    }

    private mutating func take(_ length: Int, newline: Int) -> Next {
        scanned = 0
        let line = buffer.readBytes(length: length) ?? []
        buffer.moveReaderIndex(forwardBy: newline)
        if buffer.readableBytes == 0 {
            buffer = ByteBuffer()
        } else if buffer.readerIndex > buffer.readableBytes {
            // Moves each byte once at most, however short the lines are.
            buffer.discardReadBytes()
        }
        return line.isBlank ? .blank : .line(line)
    }
}

extension [UInt8] {
    fileprivate var isBlank: Bool { allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
}
