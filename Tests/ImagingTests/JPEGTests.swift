import LinuxIO
import Tensors
import Testing

@testable import Imaging

@Suite struct JPEGTests {
    @Test func `what is encoded is decoded`() throws {
        let rgb = Fixture.smooth(48, 32)
        let decoder = try JPEGDecoder()
        for grey in [false, true] {
            let bytes = try Fixture.jpeg(rgb, 48, 32) { options in
                options.quality = 98
                options.isSubsampled = false
                options.isGrey = grey
            }
            let whole = try decoder.decodeWhole(bytes)
            #expect(whole.width == 48 && whole.height == 32 && whole.rgb.count == rgb.count)
            for index in rgb.indices {
                let expected = grey ? rgb[index - index % 3] : rgb[index]
                #expect(abs(Int(whole.rgb[index]) - Int(expected)) <= 12)
            }
        }
    }

    /// Cropping inside libjpeg must not change a single pixel that is used, whatever the sampling, scan type and scale.
    @Test(arguments: [true, false], [true, false])
    func `a cropped decode equals that part of a whole decode`(isSubsampled: Bool, isProgressive: Bool) throws {
        var random = SplitMix64(seed: 42)
        let decoder = try JPEGDecoder()
        for _ in 0..<60 {
            let (width, height) = (Int.random(in: 1...200, using: &random), Int.random(in: 1...200, using: &random))
            let bytes = try Fixture.jpeg(Fixture.picture(width, height), width, height) { options in
                options.isSubsampled = isSubsampled
                options.isProgressive = isProgressive
            }
            let denominator = [1, 2, 4, 8][Int.random(in: 0...3, using: &random)]
            let (scaledWidth, scaledHeight) = (
                (width + denominator - 1) / denominator, (height + denominator - 1) / denominator
            )
            var whole: [UInt8] = []
            let all = try decoder.decode(bytes, into: &whole) { _, _ in
                JPEGDecoder.Wanted(denominator: denominator, x: 0, width: scaledWidth, y: 0, height: scaledHeight)
            }
            #expect(all.x == 0 && all.width == scaledWidth)
            let x = Int.random(in: 0..<scaledWidth, using: &random)
            let columns = Int.random(in: 1...(scaledWidth - x), using: &random)
            let y = Int.random(in: 0..<scaledHeight, using: &random)
            let rows = Int.random(in: 1...(scaledHeight - y), using: &random)
            var part: [UInt8] = []
            let region = try decoder.decode(bytes, into: &part) { _, _ in
                JPEGDecoder.Wanted(denominator: denominator, x: x, width: columns, y: y, height: rows)
            }
            #expect(region.x <= x && region.x + region.width >= x + columns)
            for row in 0..<rows {
                let (from, to) = ((row * region.width + x - region.x) * 3, ((row + y) * scaledWidth + x) * 3)
                #expect(
                    part[from..<(from + columns * 3)] == whole[to..<(to + columns * 3)],
                    "\(width)x\(height) 1/\(denominator), window \(x),\(y) \(columns)x\(rows), row \(row)")
            }
        }
    }

    @Test func `a picture cut short is an error at every length`() throws {
        let bytes = try Fixture.jpeg(Fixture.picture(40, 40), 40, 40)
        var preparer = try Preparer(Fixture.preprocessing(8))
        // Only the end marker itself may be missing without loss.
        for length in 0..<(bytes.count - 2) {
            let error = #expect(throws: ImagingError.self, "\(length) of \(bytes.count) bytes") {
                try preparer.prepare(Fixture.jpegFrame(Array(bytes[..<length]), name: "cut.jpg"))
            }
            #expect(error?.code == .corrupt)
            #expect(error?.name == "cut.jpg")
        }
        #expect(try preparer.prepare(Fixture.jpegFrame(bytes)).count == 192)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `flipped bits never crash and never disturb the next picture`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var preparer = try Preparer(Fixture.preprocessing(16))
        let good = try Fixture.jpeg(Fixture.picture(60, 44), 60, 44) { $0.isProgressive = seed % 2 == 0 }
        let expected = try preparer.prepare(Fixture.jpegFrame(good))
        var failures = 0
        for _ in 0..<250 {
            var bad = good
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bad[Int.random(in: 0..<bad.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            }
            do { _ = try preparer.prepare(Fixture.jpegFrame(bad)) } catch { failures += 1 }
        }
        #expect(failures > 25, "seed \(seed): damage that is never noticed tests nothing")
        #expect(try preparer.prepare(Fixture.jpegFrame(good)) == expected)
    }

    @Test(arguments: ["", "This is a text file named photo.jpg.\n", "\u{89}PNG\r\n"])
    func `something else named jpg is refused by name`(text: String) throws {
        var preparer = try Preparer(Fixture.preprocessing(8))
        let error = #expect(throws: ImagingError.self) {
            try preparer.prepare(Fixture.jpegFrame(Array(text.utf8), name: "photo.jpg"))
        }
        #expect(error?.code == .corrupt)
        #expect(error?.description.hasPrefix("photo.jpg: not a whole JPEG: ") == true)
    }

    @Test func `a header that promises an absurd size is refused before memory is taken`() throws {
        var bytes = try Fixture.jpeg(Fixture.smooth(16, 16), 16, 16)
        let header = (0..<(bytes.count - 1)).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 }
        let start = try #require(header)
        bytes.replaceSubrange((start + 5)..<(start + 9), with: [0xFF, 0xDC, 0xFF, 0xDC])
        var preparer = try Preparer(Fixture.preprocessing(8))
        let error = #expect(throws: ImagingError.self) { try preparer.prepare(Fixture.jpegFrame(bytes)) }
        #expect(error?.code == .tooLarge)
    }

    /// A whole picture whose header says 8191x8191.
    private func bomb(isProgressive: Bool, isSubsampled: Bool) throws -> [UInt8] {
        var bytes = try Fixture.jpeg(Fixture.smooth(16, 16), 16, 16) {
            ($0.isProgressive, $0.isSubsampled) = (isProgressive, isSubsampled)
        }
        let kind: UInt8 = isProgressive ? 0xC2 : 0xC0
        let start = try #require((0..<(bytes.count - 1)).first { bytes[$0] == 0xFF && bytes[$0 + 1] == kind })
        bytes.replaceSubrange((start + 5)..<(start + 9), with: [0x1F, 0xFF, 0x1F, 0xFF])
        return bytes
    }

    @Test(arguments: [true, false])
    func `a small file that claims many scans of a large picture takes no memory`(isSubsampled: Bool) throws {
        var preparer = try Preparer(Fixture.preprocessing(8))
        let before = try ProcessMemory.current().peakBytes
        let bytes = try bomb(isProgressive: true, isSubsampled: isSubsampled)
        let error = #expect(throws: ImagingError.self) { try preparer.prepare(Fixture.jpegFrame(bytes)) }
        #expect(error?.code == .tooLarge)
        #expect(error?.description.contains("Progressive") == true)
        // In one scan it is decoded row by row: cut short, but not large.
        let flat = try bomb(isProgressive: false, isSubsampled: isSubsampled)
        #expect(#expect(throws: ImagingError.self) { try preparer.prepare(Fixture.jpegFrame(flat)) }?.code == .corrupt)
        #expect(try ProcessMemory.current().peakBytes - before < 32 << 20)
    }

    @Test func `four components are refused as unsupported`() throws {
        // Frame header for 16x16 CMYK, then nothing: refused by the header already.
        let dqt: [UInt8] = [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
        let sof: [UInt8] = [0xFF, 0xC0, 0, 20, 8, 0, 16, 0, 16, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]
        let sos: [UInt8] = [0xFF, 0xDA, 0, 14, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]
        var preparer = try Preparer(Fixture.preprocessing(8))
        let error = #expect(throws: ImagingError.self) {
            try preparer.prepare(Fixture.jpegFrame([0xFF, 0xD8] + dqt + sof + sos))
        }
        #expect(error?.code == .unsupported)
    }

    @Test func `junk before the end marker, as webcams send it, is harmless`() throws {
        let bytes = try Fixture.jpeg(Fixture.picture(40, 40), 40, 40)
        var preparer = try Preparer(Fixture.preprocessing(8))
        let clean = try preparer.prepare(Fixture.jpegFrame(bytes))
        let padded = bytes.dropLast(2) + [0, 0, 0, 0, 0xFF, 0xD9, 0, 0, 0]
        #expect(try preparer.prepare(Fixture.jpegFrame(Array(padded))) == clean)
    }

    @Test func `a scaled decode looks like the whole one`() throws {
        let (width, height) = (128, 96)
        let bytes = try Fixture.jpeg(Fixture.smooth(width, height), width, height) { $0.quality = 98 }
        let decoder = try JPEGDecoder()
        let rgb = try decoder.decodeWhole(bytes).rgb
        var preparer = try Preparer(Fixture.preprocessing(40))  // 96 / 40: decoded at 1/2
        let scaled = try preparer.prepare(Fixture.jpegFrame(bytes))
        let whole = try preparer.prepare(Fixture.frame(.rgb24, width, height, rgb))
        let difference = zip(scaled, whole).map { abs(Int($0) - Int($1)) }
        #expect(difference.max() ?? 99 <= 12)
        #expect(difference.reduce(0, +) < 2 * difference.count)
    }
}
