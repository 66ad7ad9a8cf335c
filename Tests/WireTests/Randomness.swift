import FoundationEssentials
import Tensors

extension SplitMix64 {
    /// Seeded by `TARSIER_SEED` or anew, and printed so that a failure can be had again.
    static func announced(_ test: String = #function) -> SplitMix64 {
        let given = ProcessInfo.processInfo.environment["TARSIER_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): rerun with TARSIER_SEED=\(seed)")
        return SplitMix64(seed: seed)
    }
}

extension String {
    /// Text with many characters that need care: quotes, controls, separators, other planes.
    static func random(upTo limit: Int, using random: inout SplitMix64) -> String {
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
