import FoundationEssentials

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Seeded by `TARSIER_SEED` or anew, and printed so that a failure can be had again.
    static func announced(_ test: String = #function) -> SeededGenerator {
        let given = ProcessInfo.processInfo.environment["TARSIER_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): rerun with TARSIER_SEED=\(seed)")
        return SeededGenerator(seed: seed)
    }
}

extension String {
    /// Text with many characters that need care: quotes, controls, separators, other planes.
    static func random(upTo limit: Int, using random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...limit, using: &random) {
            let top: UInt32 =
                switch Int.random(in: 0..<4, using: &random) {
                case 0: 0x30
                case 1: 0x100
                case 2: 0x3000
                default: 0x11_0000
                }
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<top, using: &random)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
