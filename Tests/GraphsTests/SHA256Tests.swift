import Graphs
import Testing

/// Vectors of FIPS 180-4 and of the NIST example files.
struct SHA256Tests {
    private func digest(_ text: String) -> String {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        return hash.hexDigest()
    }

    @Test("Known messages have their known digests")
    func vectors() {
        #expect(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            digest(
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
            )
                == "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1")
    }

    @Test("A hundred thousand letters, in pieces of any size, give the digest of the whole")
    func pieces() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 100_000)
        var whole = SHA256()
        whole.update(message)
        for size in [1, 63, 64, 65, 1000] {
            var hash = SHA256()
            for start in stride(from: 0, to: message.count, by: size) {
                hash.update(Array(message[start..<min(message.count, start + size)]))
            }
            #expect(hash.hexDigest() == whole.hexDigest(), "pieces of \(size)")
        }
    }

    @Test("Every length around a block boundary is padded right")
    func lengths() {
        // Digests of n zero bytes, n = 55, 56, 63, 64, 119; computed with sha256sum.
        let known = [
            55: "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7",
            56: "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb",
            63: "c7723fa1e0127975e49e62e753db53924c1bd84b8ac1ac08df78d09270f3d971",
            64: "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b",
            119: "f616b0d54e78571a9611f343c9f8e022e859e920381ab0e4d3da01e193a7bd7e",
        ]
        for (length, expected) in known {
            var hash = SHA256()
            hash.update([UInt8](repeating: 0, count: length))
            #expect(hash.hexDigest() == expected, "\(length) zero bytes")
        }
    }
}
