import Glibc
import Tensors

/// Random operands of kernels.
extension SplitMix64 {
    private static let everyByte: UInt64 = 0x0101_0101_0101_0101

    /// Words, eight bytes at a time: arrays of weights are long, and a debug build is slow.
    private mutating func words(bytes count: Int, _ transform: (UInt64) -> UInt64) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: (count + 7) / 8)
        for index in words.indices { words[index] = transform(next()) }
        return words
    }

    /// - Returns: `count` uniform bytes.
    mutating func bytes(_ count: Int) -> [UInt8] { words(bytes: count) { $0 }.firstBytes(count) }

    /// - Returns: `count` bytes in `base ..< base + 8`, where `base` is at most 248.
    mutating func bytes(_ count: Int, near base: UInt8) -> [UInt8] {
        words(bytes: count) { ($0 & (7 &* Self.everyByte)) &+ UInt64(base) &* Self.everyByte }.firstBytes(count)
    }

    /// - Returns: `count` weights in [-127, 127].
    mutating func weights(_ count: Int) -> [Int8] {
        let low7 = 0x7F &* Self.everyByte
        return words(bytes: count) { word in
            // Sets the lowest bit of every byte that is exactly 0x80: -128 becomes -127.
            let flipped = word ^ (0x80 &* Self.everyByte)
            let isZero = ~(((flipped & low7) &+ low7) | flipped | low7)
            return word | isZero >> 7
        }.firstBytes(count)
    }

    /// - Returns: `count` weights of -1, 0 or 1; half of them 0.
    mutating func ternaryWeights(_ count: Int) -> [Int8] {
        words(bytes: count) { word in
            let isSet = word & Self.everyByte
            let isNegative = isSet & (word >> 1)
            return isSet | isNegative &* 0xFF
        }.firstBytes(count)
    }
}

extension [UInt64] {
    fileprivate func firstBytes<Byte: BitwiseCopyable>(_ count: Int) -> [Byte] {
        unsafe withUnsafeBytes { raw in
            unsafe [Byte](UnsafeBufferPointer(start: raw.bindMemory(to: Byte.self).baseAddress, count: count))
        }
    }
}

/// The seed of a run of the harness: fixed, so that a failure is the same everywhere, unless somebody asks for another.
package enum HarnessSeed {
    package static let standard: UInt64 = 0x7A25_1E2

    /// `TARSIER_SEED` (decimal or 0x...), or the standard one where it is not set or no number.
    package static func fromEnvironment() -> UInt64 {
        guard let value = unsafe getenv("TARSIER_SEED") else { return standard }
        return unsafe parse(String(cString: value)) ?? standard
    }

    static func parse(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    /// What to type to run one test again with a seed.
    package static func rerun(_ seed: UInt64, filter: String) -> String {
        "TARSIER_SEED=\(seed) swift test --filter '\(filter)'"
    }

    /// Seed of one case, from the run's and the case's name.
    static func derive(_ seed: UInt64, _ label: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
        for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var mixed = SplitMix64(seed: seed ^ hash)
        return mixed.next()
    }
}
