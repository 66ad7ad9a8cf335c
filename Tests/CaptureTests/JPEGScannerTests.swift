import Testing

@testable import Capture

@Suite struct JPEGScannerTests {
    /// Feeds the stream in pieces of `size` bytes and returns what comes out.
    private func scan(_ stream: [UInt8], pieces size: Int, limit: Int = 1 << 20) -> (
        pictures: [[UInt8]], oversized: Int
    ) {
        var scanner = JPEGScanner(limit: limit)
        var (picture, pictures): ([UInt8], [[UInt8]]) = ([], [])
        for start in stride(from: 0, to: stream.count, by: size) {
            scanner.append(stream[start..<min(stream.count, start + size)])
            while scanner.next(into: &picture) { pictures.append(picture) }
        }
        if scanner.finish(into: &picture) { pictures.append(picture) }
        return (pictures, scanner.oversized)
    }

    @Test(arguments: [1, 2, 3, 7, 1000]) func `pictures are found however the stream is cut`(size: Int) {
        let (one, two) = (MiniJPEG.make(1), MiniJPEG.make(2, entropy: [UInt8](repeating: 9, count: 50)))
        #expect(scan(one + two + one, pieces: size).pictures == [one, two, one])
    }

    @Test(arguments: [1, 5, 1000]) func `junk between pictures is skipped`(size: Int) {
        let one = MiniJPEG.make(1)
        let junk: [UInt8] = [0, 0xFF, 0xD8, 0, 0xFF, 0xFF, 0xD9, 0xFF, 0xD8, 0xFF, 0x00, 7]
        #expect(scan(junk + one + junk + one + junk, pieces: size).pictures == [one, one])
    }

    @Test(arguments: [1, 4, 1000]) func `a picture that breaks off comes out short and the next one whole`(size: Int) {
        let one = MiniJPEG.make(1)
        let cut = Array(one.dropLast(2))
        #expect(scan(cut + one, pieces: size).pictures == [cut, one])
        #expect(scan(one + cut, pieces: size).pictures == [one, cut])
    }

    @Test func `a picture without an end is given up at the limit`() {
        let endless = Array(MiniJPEG.make(1).dropLast(2)) + [UInt8](repeating: 5, count: 5000)
        let one = MiniJPEG.make(2)
        let result = scan(endless + one, pieces: 100, limit: 2000)
        #expect(result.oversized == 1)
        #expect(result.pictures.last == one)
        #expect(result.pictures.allSatisfy { $0.count <= 2100 })
    }

    @Test(arguments: [UInt64(1), 2, 3]) func `random bytes never crash and never make memory grow`(seed: UInt64) {
        var state = seed
        var stream: [UInt8] = []
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Many markers, so that every state is entered.
            let byte = UInt8(truncatingIfNeeded: state >> 33)
            stream.append(byte < 90 ? 0xFF : byte < 110 ? 0xD8 : byte)
        }
        let result = scan(stream, pieces: 137, limit: 1000)
        #expect(
            result.pictures.allSatisfy { $0.count <= 1137 + 65536 && $0.starts(with: [0xFF, 0xD8, 0xFF]) },
            "seed \(seed)")
        #expect(!result.pictures.isEmpty, "seed \(seed)")
    }
}
