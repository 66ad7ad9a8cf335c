import Tensors
import Testing

@testable import Imaging

@Suite struct PreparerTests {
    @Test(arguments: PixelFormat.allCases.filter { $0 != .mjpeg })
    func `a grey field stays grey in every format`(format: PixelFormat) throws {
        // Y 126 (limited range) is RGB 128; odd sizes and a padded stride on purpose.
        let (width, height, stride) = (15, 11, 64)
        let luma: UInt8 = format == .rgb24 || format == .grey ? 128 : 126
        var bytes = [UInt8](repeating: luma, count: stride * height)
        switch format {
        case .yuyv, .uyvy: for index in bytes.indices where (index % 2 == 1) == (format == .yuyv) { bytes[index] = 128 }
        case .nv12: bytes += [UInt8](repeating: 128, count: stride * 6)
        case .i420: bytes += [UInt8](repeating: 128, count: stride / 2 * 6 * 2)
        case .rgb24, .grey, .mjpeg: break
        }
        var preparer = try Preparer(Fixture.preprocessing(8))
        let out = try preparer.prepare(Fixture.frame(format, width, height, bytes, stride: stride))
        #expect(out == [UInt8](repeating: 128, count: 8 * 8 * 3))
    }

    @Test func `colours of packed and planar YUV follow BT 601`() throws {
        // (Y, U, V) -> RGB by the documented integers: red, white, black.
        let cases: [(UInt8, UInt8, UInt8, [UInt8])] = [
            (81, 90, 240, [255, 0, 0]), (235, 128, 128, [255, 255, 255]), (16, 128, 128, [0, 0, 0]),
            (0, 0, 0, [0, 135, 0]),
        ]
        for (y, u, v, rgb) in cases {
            let expected = Array(repeatElement(rgb, count: 4).joined())
            for (format, bytes) in [
                (PixelFormat.yuyv, [y, u, y, v, y, u, y, v]), (.uyvy, [u, y, v, y, u, y, v, y]),
                (.nv12, [y, y, y, y, u, v]), (.i420, [y, y, y, y, u, v]),
            ] {
                var preparer = try Preparer(Fixture.preprocessing(2))
                let target = try preparer.prepare(Fixture.frame(format, 2, 2, bytes))
                #expect(zip(target, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 }, "\(format) \(target)")
            }
        }
    }

    @Test(arguments: [PixelFormat.rgb24, .grey])
    func `a window of a frame is the same part of the whole`(format: PixelFormat) {
        var random = SplitMix64(seed: 3)
        let (width, height) = (14, 10)
        let bytes = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let frame = Fixture.frame(format, width, height, bytes)
        var whole = [UInt8](repeating: 0, count: width * height * 3)
        ColourConversion.convert(frame, window: .init(x: 0, y: 0, width: width, height: height), into: &whole)
        var part = [UInt8](repeating: 0, count: 5 * 4 * 3)
        ColourConversion.convert(frame, window: .init(x: 3, y: 5, width: 5, height: 4), into: &part)
        for y in 0..<4 {
            let start = ((y + 5) * width + 3) * 3
            #expect(part[(y * 15)..<(y * 15 + 15)] == whole[start..<(start + 15)])
        }
        #expect(Set(whole).count > 20)
    }

    @Test(arguments: PixelFormat.allCases.filter { $0 != .mjpeg })
    func `a frame with a byte too few is refused and leaves the destination alone`(format: PixelFormat) throws {
        var preparer = try Preparer(Fixture.preprocessing(4))
        let enough = [UInt8](repeating: 50, count: 10_000)
        let template = Fixture.frame(format, 9, 7, enough)
        let needed = try #require(
            ColourConversion.bytesNeeded(format, width: 9, height: 7, strideBytes: template.strideBytes))
        #expect(try preparer.prepare(Fixture.frame(format, 9, 7, Array(enough[..<needed]))).count == 48)
        var destination = [UInt8](repeating: 7, count: 48)
        let error = #expect(throws: ImagingError.self) {
            var span = destination.mutableSpan
            try preparer.prepare(
                Fixture.frame(format, 9, 7, Array(enough[..<(needed - 1)])), into: &span, rowStride: 12, origin: 0)
        }
        #expect(error?.code == .badGeometry)
        #expect(destination == [UInt8](repeating: 7, count: 48))
    }

    @Test(arguments: [
        (0, 5, 15), (5, 0, 15), (-1, 5, 15), (5, 5, 14), (1 << 40, 5, 1 << 42), (5, 5, -3), (5, 5, Int.max),
    ])
    func `senseless sizes are refused`(width: Int, height: Int, stride: Int) throws {
        var preparer = try Preparer(Fixture.preprocessing(4))
        let frame = Fixture.frame(.rgb24, width, height, [UInt8](repeating: 0, count: 100), stride: stride)
        #expect(throws: ImagingError.self) { try preparer.prepare(frame) }
    }

    @Test func `rows go to their place in a bordered buffer and nothing else is written`() throws {
        var preparer = try Preparer(Fixture.preprocessing(6))
        let frame = Fixture.frame(.rgb24, 20, 13, Fixture.picture(20, 13))
        let dense = try preparer.prepare(frame)
        let (rowStride, origin) = (31, 40)
        var padded = [UInt8](repeating: 0x99, count: origin + rowStride * 6 + 17)
        do {
            var span = padded.mutableSpan
            try preparer.prepare(frame, into: &span, rowStride: rowStride, origin: origin)
        }
        for index in padded.indices {
            let (row, column) = ((index - origin) / rowStride, (index - origin) % rowStride)
            let isInside = index >= origin && row < 6 && column < 18
            #expect(padded[index] == (isInside ? dense[row * 18 + column] : 0x99))
        }
    }

    @Test(arguments: [(1, 1), (1, 500), (500, 1), (16384, 2), (3, 16384), (2, 2)])
    func `one pixel and extreme shapes are prepared`(width: Int, height: Int) throws {
        var preparer = try Preparer(Fixture.preprocessing(8, crop: 0.875))
        let raw = Fixture.frame(.grey, width, height, [UInt8](repeating: 77, count: width * height))
        #expect(try preparer.prepare(raw) == [UInt8](repeating: 77, count: 192))
        let rgb = [UInt8](repeating: 77, count: width * height * 3)
        let jpeg = try Fixture.jpeg(rgb, width, height)
        let out = try preparer.prepare(Fixture.jpegFrame(jpeg))
        #expect(out.allSatisfy { abs(Int($0) - 77) <= 2 })
    }

    @Test func `sizes may change from frame to frame and back`() throws {
        var preparer = try Preparer(Fixture.preprocessing(8))
        let frames = [(20, 13), (64, 48), (9, 30), (20, 13)].map { (width, height) in
            Fixture.frame(.rgb24, width, height, Fixture.picture(width, height))
        }
        let first = try preparer.prepare(frames[0])
        _ = try preparer.prepare(frames[1])
        _ = try preparer.prepare(frames[2])
        #expect(try preparer.prepare(frames[3]) == first)
    }
}
