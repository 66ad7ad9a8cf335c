import CImaging
import Tensors
import Testing

@testable import Imaging

/// The brightnesses that the motion test compares: the formula under every set of kernels, and alike from every format.
@Suite struct LumaSamplerTests {
    @Test(arguments: [(1, 1, 1), (2, 1, 2), (3, 2, 4), (1, 2, 8), (2, 2, 16), (4, 1, 256)])
    func `every set of kernels follows the formula`(step: Int, skip: Int, side: Int) {
        var random = SplitMix64(seed: UInt64(side))
        let (count, rows) = (5, max(1, side / skip))
        let stride = count * side * step + 3
        let source = (0..<(rows * skip * stride)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let wanted = (0..<count).map { cell in
            var sum = 0
            for r in 0..<rows { for c in 0..<side { sum += Int(source[r * skip * stride + (cell * side + c) * step]) } }
            return UInt8((sum + rows * side / 2) / (rows * side))
        }
        for kernels in ImagingKernels.all {
            var cells = [UInt8](repeating: 0x99, count: count + 1)
            unsafe kernels.functions.cells(source, stride, rows, skip, step, side, count, &cells)
            #expect(cells == wanted + [0x99], "\(kernels.name)")
        }
    }

    /// Grey, so that luma is the same whatever a format does to colours.
    private func grey(_ width: Int, _ height: Int) -> [UInt8] {
        (0..<(width * height)).map { (pixel: Int) -> UInt8 in
            let across = pixel % width * 120 / width
            let down = pixel / width * 70 / height
            return UInt8(50 + across + down)
        }
    }

    private func frame(_ format: PixelFormat, _ width: Int, _ height: Int) throws -> Frame {
        let luma = grey(width, height)
        let halves = (width + 1) / 2 * ((height + 1) / 2)
        switch format {
        case .grey: return Fixture.frame(format, width, height, luma)
        case .rgb24: return Fixture.frame(format, width, height, luma.flatMap { [$0, $0, $0] })
        case .yuyv: return Fixture.frame(format, width, height, luma.flatMap { [$0, 128] })
        case .uyvy: return Fixture.frame(format, width, height, luma.flatMap { [128, $0] })
        case .nv12, .i420:
            return Fixture.frame(format, width, height, luma + [UInt8](repeating: 128, count: 2 * halves))
        case .mjpeg: return Fixture.jpegFrame(try Fixture.jpeg(luma.flatMap { [$0, $0, $0] }, width, height))
        }
    }

    @Test(arguments: PixelFormat.allCases, [(640, 480), (160, 120), (96, 200)])
    func `every format gives the brightnesses of the crop`(format: PixelFormat, size: (Int, Int)) throws {
        let (width, height) = size
        var sampler = try LumaSampler(Fixture.preprocessing(224))
        var grid = LumaGrid()
        try sampler.sample(try frame(format, width, height), into: &grid)
        let side = min(width, height)
        // A JPEG's blocks need not end where the crop does.
        #expect(abs(grid.width - grid.height) <= 1 && (12...64).contains(grid.width), "\(grid.width)x\(grid.height)")
        let luma = grey(width, height)
        // The middle of each cell, in pixels of the picture.
        for (x, y) in [
            (0, 0), (grid.width - 1, 0), (grid.width / 2, grid.height / 3), (grid.width - 1, grid.height - 1),
        ] {
            let px = (width - side) / 2 + (2 * x + 1) * side / (2 * grid.width)
            let py = (height - side) / 2 + (2 * y + 1) * side / (2 * grid.height)
            let difference = Int(grid.cells[y * grid.width + x]) - Int(luma[py * width + px])
            #expect(abs(difference) <= (format == .mjpeg ? 8 : 4), "\(format) \(x),\(y): \(difference)")
        }
    }

    @Test func `a region is all that is looked at`() throws {
        let region = try #require(RegionOfInterest(parsing: "320,0,160,160"))
        for format in [PixelFormat.yuyv, .mjpeg] {
            var sampler = try LumaSampler(Fixture.preprocessing(224), region: region)
            var (plain, changed) = (LumaGrid(), LumaGrid())
            try sampler.sample(try frame(format, 640, 480), into: &plain)
            var luma = grey(640, 480)
            for y in 0..<480 { for x in 0..<640 where x < 300 || x > 500 || y > 180 { luma[y * 640 + x] = 255 } }
            let outside =
                format == .yuyv
                ? Fixture.frame(.yuyv, 640, 480, luma.flatMap { [$0, 128] })
                : Fixture.jpegFrame(try Fixture.jpeg(luma.flatMap { [$0, $0, $0] }, 640, 480))
            try sampler.sample(outside, into: &changed)
            #expect(plain == changed, "\(format)")
        }
    }

    @Test func `a damaged JPEG and a region outside are refused`() throws {
        let region: RegionOfInterest = try #require(RegionOfInterest(parsing: "0,0,200,200"))
        var sampler = try LumaSampler(Fixture.preprocessing(224), region: region)
        var grid = LumaGrid()
        let whole = try frame(.mjpeg, 320, 240)
        try sampler.sample(whole, into: &grid)
        var cut = whole
        cut.bytes.removeLast(whole.bytes.count / 2)
        #expect(throws: ImagingError.self) { try sampler.sample(cut, into: &grid) }
        let small = try frame(.mjpeg, 160, 120)
        #expect(throws: ImagingError.self) { try sampler.sample(small, into: &grid) }
        let few = try frame(.yuyv, 160, 120)
        #expect(throws: ImagingError.self) { try sampler.sample(few, into: &grid) }
    }
}
