import Tensors

/// Ways in which a JPEG goes wrong between a camera and us, made from whole ones. The same seed makes the same bytes.
package struct JPEGDamage: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        /// 1 to 64 bits anywhere.
        case flippedBits
        case truncated
        /// Noise behind the picture, or in place of its end.
        case garbageTail
        /// Other sides in the frame header, up to 65535.
        case wrongSize
        /// A segment that says it is longer or shorter than it is.
        case wrongLength
        /// A run of noise anywhere.
        case noise
        /// A piece of another picture in the middle.
        case spliced
        /// A marker where none belongs.
        case strayMarker
        /// No JPEG at all.
        case noiseOnly
    }

    private var random: SplitMix64

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// - Parameter other: a second picture, for splicing.
    package mutating func apply(_ kind: Kind, to whole: [UInt8], other: [UInt8]) -> [UInt8] {
        var bytes = whole
        switch kind {
        case .flippedBits:
            for _ in 0..<below(64) + 1 { bytes[below(bytes.count)] ^= 1 << UInt8(below(8)) }
        case .truncated: bytes.removeLast(below(bytes.count) + 1)
        case .garbageTail:
            bytes.removeLast(below(2) * below(bytes.count))
            bytes += noise(below(4000) + 1)
        case .wrongSize:
            guard let at = JPEGDamage.segments(bytes).first(where: { (0xC0...0xC2).contains(bytes[$0 + 1]) }) else {
                break
            }
            for offset in 5..<9 where below(2) == 0 { bytes[at + offset] = byte() }
        case .wrongLength:
            let segments = JPEGDamage.segments(bytes)
            guard !segments.isEmpty else { break }
            let at = segments[below(segments.count)]
            (bytes[at + 2], bytes[at + 3]) = (below(4) == 0 ? byte() : bytes[at + 2], byte())
        case .noise:
            let start = below(bytes.count)
            for index in start..<min(bytes.count, start + below(600) + 1) { bytes[index] = byte() }
        case .spliced:
            let (start, from) = (below(bytes.count), below(other.count))
            bytes.replaceSubrange(start..., with: other[from...])
        case .strayMarker:
            let at = below(bytes.count - 1)
            (bytes[at], bytes[at + 1]) = (0xFF, 0xC0 + UInt8(below(64)))
        case .noiseOnly: bytes = noise(below(3000))
        }
        return bytes
    }

    /// Offsets of the header's segments, each with a marker, two bytes of length and more.
    private static func segments(_ bytes: [UInt8]) -> [Int] {
        var (at, found): (Int, [Int]) = (2, [])
        while at + 10 < bytes.count, bytes[at] == 0xFF, bytes[at + 1] != 0xDA {
            found.append(at)
            at += 2 + Int(bytes[at + 2]) << 8 + Int(bytes[at + 3])
        }
        return found
    }

    private mutating func below(_ limit: Int) -> Int { limit > 0 ? Int.random(in: 0..<limit, using: &random) : 0 }
    private mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &random) }
    private mutating func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in byte() } }
}
