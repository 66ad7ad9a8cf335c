package import Tensors

/// Breaks files the way files break, and the way somebody breaks them who means it.
package struct FileDamage {
    package var random: SplitMix64
    /// Numbers that programs forget: around powers of two, and with the sign bit.
    private static let numbers: [UInt64] = [
        0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, .max,
    ]

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// A damaged copy.
    /// - Parameter others: files whose parts may get into it.
    package mutating func damage(_ file: [UInt8], others: [[UInt8]]) -> [UInt8] {
        // A pickle within an archive, with the archive made anew: otherwise nearly all damage ends at the archive.
        if file.starts(with: [0x50, 0x4b]), Bool.random(using: &random), let whole = inPickle(file) { return whole }
        var bytes = file
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            change(&bytes, keepsLength: Int.random(in: 0..<3, using: &random) > 0, others)
        }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], keepsLength: Bool, _ others: [[UInt8]]) {
        guard bytes.count > 16 else { return }
        let place = Int.random(in: 0..<bytes.count - 8, using: &random)
        let length = Int.random(in: 1...min(64, bytes.count - place - 1), using: &random)
        if keepsLength {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2:
                let number = FileDamage.numbers.randomElement(using: &random) ?? 0
                let width = [1, 2, 4, 8].randomElement(using: &random) ?? 1
                for i in 0..<width { bytes[place + i] = UInt8(truncatingIfNeeded: number >> UInt64(8 * i)) }
            default:
                let from = Int.random(in: 0..<bytes.count - length, using: &random)
                for i in 0..<length { bytes[place + i] = bytes[from + i] }
            }
            return
        }
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes.removeSubrange(place..<place + length)
        case 1: bytes.insert(contentsOf: Array(bytes[place..<place + length]), at: place)
        case 2: bytes.removeLast(bytes.count - place)
        case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default:
            guard let other = others.randomElement(using: &random), other.count > 64 else { return }
            let from = Int.random(in: 0..<other.count - 64, using: &random)
            bytes.insert(contentsOf: other[from..<from + length], at: place)
        }
    }

    private mutating func inPickle(_ file: [UInt8]) -> [UInt8]? {
        guard var members = StoredZip(reading: file)?.members,
            let index = members.firstIndex(where: { $0.name.hasSuffix("data.pkl") })
        else { return nil }
        if Int.random(in: 0..<8, using: &random) == 0 {
            members[index].bytes = program()
            return StoredZip(members).bytes
        }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            change(&members[index].bytes, keepsLength: Bool.random(using: &random), [])
        }
        return StoredZip(members).bytes
    }
}

extension FileDamage {
    /// Instructions of the pickle language with what follows each: most of those that are known, in any order, some of them
    /// hundreds of times.
    private static let instructions: [[UInt8]] =
        [
            "N", "(", ")", "]", "}", "t", "l", "d", "0", "1", "2", "a", "e", "s", "u", "R", "b", "Q", "q\u{0}",
            "q\u{1}", "h\u{0}",
            "h\u{1}", "K\u{7}", "X\u{1}\u{0}\u{0}\u{0}a", "ccollections\nOrderedDict\n",
            "ctorch._utils\n_rebuild_tensor_v2\n",
            "ctorch\nFloatStorage\n", "ctorch\nSize\n", "X\u{7}\u{0}\u{0}\u{0}storage",
        ].map { Array($0.utf8) } + [
            [0x85], [0x86], [0x87], [0x88], [0x8f], [0x90], [0x93], [0x94], [0x81], [0x8a, 1, 5],
        ]

    private mutating func program() -> [UInt8] {
        var code: [UInt8] = [0x80, 2]
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            let instruction = FileDamage.instructions.randomElement(using: &random) ?? []
            let repeats = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 1...500, using: &random) : 1
            for _ in 0..<repeats { code += instruction }
        }
        return code + Array(".".utf8)
    }
}

extension StoredZip {
    /// Reads what is known to be whole: the seeds of a fuzzer.
    init?(reading file: [UInt8]) {
        func number(_ place: Int, _ count: Int) -> Int {
            (0..<count).reduce(0) { $0 | Int(file[place + $1]) << (8 * $1) }
        }
        guard file.count > 22, number(file.count - 22, 4) == 0x0605_4b50 else { return nil }
        var (place, members) = (number(file.count - 6, 4), [(name: String, bytes: [UInt8])]())
        for _ in 0..<number(file.count - 12, 2) {
            let (size, nameLength, header) = (number(place + 24, 4), number(place + 28, 2), number(place + 42, 4))
            let name = String(decoding: file[place + 46..<place + 46 + nameLength], as: UTF8.self)
            let start = header + 30 + number(header + 26, 2) + number(header + 28, 2)
            members.append((name, Array(file[start..<start + size])))
            place += 46 + nameLength + number(place + 30, 2) + number(place + 32, 2)
        }
        self.init(members)
    }
}
