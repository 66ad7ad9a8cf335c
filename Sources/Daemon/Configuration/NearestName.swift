/// What somebody who mistyped a name may have meant.
enum NearestName {
    /// The known name that takes the fewest changes, where they are few for its length; nil when none is near.
    static func of(_ name: String, among known: [String]) -> String? {
        let wanted = name.utf8.map { byte in
            byte == UInt8(ascii: "_") ? UInt8(ascii: "-") : (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
        }
        var best: (name: String, distance: Int)?
        for candidate in known {
            let bytes = Array(candidate.utf8)
            let limit = max(1, bytes.count / 3)
            // Every byte too many or too few is a change.
            guard abs(bytes.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, bytes)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string alignment).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var (older, old, row) = ([Int](), [Int](), Array(0...b.count))
        for i in a.indices {
            (older, old) = (old, row)
            row[0] = i + 1
            for j in b.indices {
                row[j + 1] = min(old[j + 1] + 1, row[j] + 1, old[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { row[j + 1] = min(row[j + 1], older[j - 1] + 1) }
            }
        }
        return row[b.count]
    }
}
