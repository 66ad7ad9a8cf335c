/// Writes one JSON value as one line of bytes, without Foundation and without intermediate trees.
///
/// Owns escaping and number formatting. Does not check that keys are unique or that begin and end are balanced: the
/// callers are a handful of encoders in this module, each held by a round-trip test.
package struct JSONLine: Sendable {
    /// The bytes so far, without the closing newline.
    package private(set) var bytes: [UInt8] = []

    package init(reservingCapacity capacity: Int = 512) {
        bytes.reserveCapacity(capacity)
    }

    /// The finished line: everything written and `\n`.
    package consuming func finish() -> [UInt8] {
        bytes.append(0x0A)
        return bytes
    }

    package mutating func beginObject() { open(0x7B) }
    package mutating func endObject() { bytes.append(0x7D) }
    package mutating func beginArray() { open(0x5B) }
    package mutating func endArray() { bytes.append(0x5D) }

    /// A key; its value must be written next.
    package mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(0x3A)
    }

    package mutating func string(_ value: String) {
        separate()
        quote(value)
    }

    package mutating func integer(_ value: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func bool(_ value: Bool) {
        separate()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        separate()
        bytes.append(contentsOf: "null".utf8)
    }

    /// A number rounded to at most `decimals` places with no trailing zeros. JSON has no infinity and no NaN: those
    /// become `null`.
    /// - Parameter decimals: 0 to 9.
    package mutating func number(_ value: Double, decimals: Int) {
        guard value.isFinite else { return null() }
        separate()
        let powerOfTen = JSONLine.powersOfTen[max(0, min(9, decimals))]
        let scaled = (value * Double(powerOfTen)).rounded(.toNearestOrEven)
        guard scaled.magnitude < 1e15 else {
            // Too large for fixed point: the shortest decimal that reads back as the same Double, which is valid JSON.
            bytes.append(contentsOf: value.description.utf8)
            return
        }
        if scaled < 0 { bytes.append(0x2D) }
        let (whole, fraction) = Int64(scaled.magnitude).quotientAndRemainder(dividingBy: powerOfTen)
        bytes.append(contentsOf: String(whole).utf8)
        appendFraction(fraction, below: powerOfTen)
    }

    private static let powersOfTen: [Int64] = [
        1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
    ]

    private mutating func appendFraction(_ fraction: Int64, below powerOfTen: Int64) {
        guard fraction != 0 else { return }
        bytes.append(0x2E)
        var (rest, unit) = (fraction, powerOfTen / 10)
        while rest != 0 {
            bytes.append(0x30 + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
    }

    /// A comma, unless this is the first value of its container or the value of a key. No finished value ends in one
    /// of these four bytes: strings end in a quote, numbers in a digit, the rest in a letter or a closing bracket.
    private mutating func separate() {
        switch bytes.last {
        case nil, 0x7B, 0x5B, 0x3A, 0x2C: break
        default: bytes.append(0x2C)
        }
    }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        if text.utf8.allSatisfy(JSONLine.isPlain) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for scalar in text.unicodeScalars { escape(scalar) }
        }
        bytes.append(0x22)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
    }

    private mutating func escape(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: bytes.append(contentsOf: #"\""#.utf8)
        case 0x5C: bytes.append(contentsOf: #"\\"#.utf8)
        case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        // Control characters, among them C1, which a terminal behind socat would obey; and the two separators that
        // are line ends to some readers.
        case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: escapeAsHex(scalar.value)
        default: bytes.append(contentsOf: String(scalar).utf8)
        }
    }

    private mutating func escapeAsHex(_ value: UInt32) {
        let digits = String(value, radix: 16)
        bytes.append(contentsOf: #"\u"#.utf8)
        for _ in digits.utf8.count..<4 { bytes.append(0x30) }
        bytes.append(contentsOf: digits.utf8)
    }
}
