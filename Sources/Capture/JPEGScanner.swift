/// Cuts a byte stream into JPEG pictures by walking their marker segments, so that a thumbnail's end inside an APP segment does
/// not end the picture. Bytes between pictures are skipped; a picture that breaks off where another begins comes out as it
/// is (its decoding will fail and be counted). Memory stays below `limit` and one block.
struct JPEGScanner {
    /// Bytes of the largest picture; a longer one is given up.
    let limit: Int
    /// Pictures given up because they were too long.
    private(set) var oversized = 0

    private enum Place { case outside, marker, entropy }
    private var buffer: [UInt8] = []
    /// Start of the picture in `buffer`, or of what has not been searched yet.
    private var start = 0
    /// Next byte to look at.
    private var position = 0
    private var place = Place.outside
    /// Whether the picture has got as far as its first scan.
    private var hasData = false

    init(limit: Int = 8 << 20) { self.limit = limit }

    mutating func append(_ bytes: ArraySlice<UInt8>) {
        if start > 0 {
            buffer.removeSubrange(..<start)
            position -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next whole picture, into `picture`; false when more bytes are needed.
    mutating func next(into picture: inout [UInt8]) -> Bool {
        while true {
            switch place {
            case .outside:
                if !findStart() { return false }
            case .marker:
                switch walkMarker() {
                case .needMore: return giveUpIfTooLong() ? next(into: &picture) : false
                case .more: break
                case .end(let end):
                    emit(end, into: &picture)
                    return true
                }
            case .entropy:
                if !findMarkerInEntropy() { return giveUpIfTooLong() ? next(into: &picture) : false }
            }
        }
    }

    /// After the last byte: what is left of a picture that was cut short; false when there is none.
    mutating func finish(into picture: inout [UInt8]) -> Bool {
        guard place != .outside, buffer.count > start else { return false }
        emit(buffer.count, into: &picture)
        return true
    }

    private mutating func emit(_ end: Int, into picture: inout [UInt8]) {
        picture.removeAll(keepingCapacity: true)
        picture.append(contentsOf: buffer[start..<end])
        (start, position, place) = (end, end, .outside)
    }

    /// FF D8 FF
    private mutating func findStart() -> Bool {
        while position + 2 < buffer.count {
            if buffer[position] == 0xFF && buffer[position + 1] == 0xD8 && buffer[position + 2] == 0xFF {
                start = position
                position += 2
                (place, hasData) = (.marker, false)
                return true
            }
            position += 1
        }
        start = position
        return false
    }

    private enum Step { case needMore, more, end(Int) }

    private mutating func walkMarker() -> Step {
        guard position + 1 < buffer.count else { return .needMore }
        guard buffer[position] == 0xFF else { return resynchronise() }
        switch buffer[position + 1] {
        case 0xFF: position += 1  // fill
        case 0xD9: return .end(position + 2)
        case 0xD8:
            // Another picture begins; what came before is worth something only with picture data.
            if hasData { return .end(position) }
            (start, place) = (position, .outside)
        case 0x01, 0xD0...0xD7: position += 2  // no payload
        case 0x00: return resynchronise()
        case let marker:
            guard position + 3 < buffer.count else { return .needMore }
            let length = Int(buffer[position + 2]) << 8 | Int(buffer[position + 3])
            if length < 2 { return resynchronise() }
            // The segment is skipped as a whole, wherever its end lies.
            guard position + 2 + length <= buffer.count else { return .needMore }
            position += 2 + length
            if marker == 0xDA { (place, hasData) = (.entropy, true) }
        }
        return .more
    }

    /// Not a JPEG after all: search on behind its first bytes.
    private mutating func resynchronise() -> Step {
        position = start + 2
        start = position
        place = .outside
        return .more
    }

    private mutating func findMarkerInEntropy() -> Bool {
        while position + 1 < buffer.count {
            if buffer[position] == 0xFF {
                switch buffer[position + 1] {
                case 0x00, 0x01, 0xD0...0xD7: position += 2
                case 0xFF: position += 1
                default:
                    place = .marker
                    return true
                }
            } else {
                position += 1
            }
        }
        return false
    }

    /// True when the picture was given up, so that the search can go on.
    private mutating func giveUpIfTooLong() -> Bool {
        guard buffer.count - start > limit else { return false }
        oversized += 1
        _ = resynchronise()
        return true
    }
}
