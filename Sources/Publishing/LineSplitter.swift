import NIOCore

/// Cuts a client's bytes into lines. Bounded: a line that passes the limit is reported once, and then the client is
/// to be disconnected.
struct LineSplitter {
    enum Next: Equatable {
        /// Without its newline; never empty.
        case line([UInt8])
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

    /// The next line that is not blank.
    /// - Parameter atEnd: no more bytes will come, so the rest is a line too.
    mutating func next(atEnd: Bool) -> Next {
        while true {
            let unseen = buffer.readableBytesView.dropFirst(scanned)
            guard let newline = unseen.firstIndex(of: 0x0A) else {
                scanned = buffer.readableBytes
                if scanned >= limit { return .tooLong }
                guard atEnd, scanned > 0, let rest = take(scanned, newline: 0), !rest.isBlank else { return .nothing }
                return .line(rest)
            }
            let length = newline - buffer.readerIndex
            if length >= limit { return .tooLong }
            if let line = take(length, newline: 1), !line.isBlank { return .line(line) }
        }
    }

    private mutating func take(_ length: Int, newline: Int) -> [UInt8]? {
        scanned = 0
        let line = buffer.readBytes(length: length)
        buffer.moveReaderIndex(forwardBy: newline)
        if buffer.readableBytes == 0 { buffer = ByteBuffer() } else { buffer.discardReadBytes() }
        return line
    }
}

extension [UInt8] {
    fileprivate var isBlank: Bool { allSatisfy { $0 == 0x20 || $0 == 0x0D || $0 == 0x09 } }
}
