/// Why a text is not JSON, and where.
struct JSONError: Error, Equatable {
    /// Bytes from the start of the text.
    let offset: Int
    let message: String
}

/// Reads one JSON text (RFC 8259) that may be hostile: strict grammar, bounded depth, unique member names, valid UTF-8.
/// Memory is bounded by the length of the text, which the caller limits.
struct JSONParser {
    /// Objects and arrays within each other; a model file needs 4.
    static let maximumDepth = 16

    private let bytes: [UInt8]
    private var position = 0

    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        var parser = JSONParser(bytes: bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.error("there is text after the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSON {
        guard depth < JSONParser.maximumDepth else { throw error("values are nested too deep") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try elements(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("the text ends where a value should be")
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSON) throws(JSONError) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else { throw error("this is not a value") }
        position += word.utf8.count
        return value
    }

    private mutating func members(depth: Int) throws(JSONError) -> [JSON.Member] {
        position += 1
        var members: [JSON.Member] = []
        var names = Set<String>()
        skipSpace()
        if accept("}") { return members }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("a member name should be here") }
            let name = try string()
            guard names.insert(name).inserted else { throw error("the name \"\(name.prefix(80))\" occurs twice") }
            skipSpace()
            guard accept(":") else { throw error("':' should be here") }
            members.append(JSON.Member(name: name, value: try value(depth: depth + 1)))
            skipSpace()
            if accept("}") { return members }
            guard accept(",") else { throw error("',' or '}' should be here") }
        }
    }

    private mutating func elements(depth: Int) throws(JSONError) -> [JSON] {
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if accept("]") { return elements }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            if accept("]") { return elements }
            guard accept(",") else { throw error("',' or ']' should be here") }
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = position
        _ = accept("-")
        if !accept("0") { try digits() }
        if accept(".") { try digits() }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            try digits()
        }
        guard position - start <= 64 else { throw error("this number is too long") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > start else { throw error("this is not a value") }
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var utf8: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: utf8, as: UTF8.self) else { throw error("this is not UTF-8") }
                return string
            case UInt8(ascii: "\\"): utf8.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw error("a control character must be escaped")
            default: utf8.append(byte)
            }
        }
        throw error("a string has no end")
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw error("a string has no end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("there is no such escape")
        }
    }

    /// The four digits after `\u` and, where they are the first half of a surrogate pair, the second half.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let high = try hexQuad()
        if let scalar = Unicode.Scalar(high) { return scalar }
        guard high < 0xdc00, accept("\\"), accept("u") else { throw error("half of a surrogate pair") }
        let low = try hexQuad()
        guard (0xdc00...0xdfff).contains(low),
            let scalar = Unicode.Scalar(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
        else { throw error("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexQuad() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw error("four hexadecimal digits should be here")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
