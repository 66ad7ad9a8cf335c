import Tensors
import Testing

@testable import Imaging

/// Against the plain formula, pixel by pixel, on every set of kernels that this CPU can run.
@Suite struct YUVResizerTests {
    /// Y, U, V of a pixel.
    private func sample(_ frame: Frame, _ x: Int, _ y: Int) -> [Int] {
        let (bytes, stride) = (frame.bytes, frame.strideBytes)
        let pair = y * stride + x / 2 * 4
        let plane = frame.height * stride
        switch frame.format {
        case .yuyv: return [bytes[pair + x % 2 * 2], bytes[pair + 1], bytes[pair + 3]].map(Int.init)
        case .uyvy: return [bytes[pair + 1 + x % 2 * 2], bytes[pair], bytes[pair + 2]].map(Int.init)
        case .nv12:
            let chroma = plane + y / 2 * stride + x / 2 * 2
            return [bytes[y * stride + x], bytes[chroma], bytes[chroma + 1]].map(Int.init)
        default:
            let chromaStride = (stride + 1) / 2
            let u = plane + y / 2 * chromaStride + x / 2
            return [bytes[y * stride + x], bytes[u], bytes[u + (frame.height + 1) / 2 * chromaStride]].map(Int.init)
        }
    }

    private func filtered(_ table: FilterTable, _ index: Int, _ value: (Int) -> Int) -> Int {
        let sum = (0..<Int(table.taps[index])).reduce(1 << 21) { sum, tap in
            sum + value(Int(table.first[index]) + tap) * Int(table.weights[index * table.stride + tap])
        }
        return min(255, sum >> 22)
    }

    private func expected(_ frame: Frame, _ across: FilterTable, _ down: FilterTable) -> [UInt8] {
        var out: [UInt8] = []
        for row in down.first.indices {
            let line = (0..<frame.width).map { x in
                let column = (0..<frame.height).map { sample(frame, x, $0) }
                return (0..<3).map { channel in filtered(down, row) { column[$0][channel] } }
            }
            for index in across.first.indices {
                let yuv = (0..<3).map { channel in filtered(across, index) { line[$0][channel] } }
                let (c, d, e) = ((yuv[0] - 16) * 298 + 128, yuv[1] - 128, yuv[2] - 128)
                for value in [c + 409 * e, c - 100 * d - 208 * e, c + 516 * d] {
                    out.append(UInt8(max(0, min(255, value >> 8))))
                }
            }
        }
        return out
    }

    @Test(arguments: [PixelFormat.yuyv, .uyvy, .nv12, .i420], [(37, 29, 8), (64, 48, 24), (21, 34, 40), (8, 8, 8)])
    func `every set of kernels follows the formula`(format: PixelFormat, shape: (Int, Int, Int)) throws {
        let (width, height, out) = shape
        for (crop, padding) in [(1.0, 0), (0.8, 6)] {
            var random = SplitMix64(seed: UInt64(width))
            var frame = Fixture.frame(format, width, height, [])
            frame.strideBytes += padding
            let needed = try #require(
                ColourConversion.bytesNeeded(format, width: width, height: height, strideBytes: frame.strideBytes))
            frame.bytes = (0..<needed).map { _ in UInt8.random(in: 0...255, using: &random) }
            let box = CropBox(of: Fixture.preprocessing(out, crop: crop), width: width, height: height)
            let across = FilterTable(inputSize: width, start: box.left, end: box.right, outputSize: out)
            let down = FilterTable(inputSize: height, start: box.top, end: box.bottom, outputSize: out)
            let wanted = expected(frame, across, down)
            for kernels in ImagingKernels.all {
                var bytes = [UInt8](repeating: 0x99, count: out * out * 3 + 5)
                var resizer = YUVResizer(kernels: kernels)
                do {
                    var span = bytes.mutableSpan
                    resizer.resize(frame, across: across, down: down, into: &span, rowStride: out * 3, origin: 2)
                }
                #expect(Array(bytes[2..<(out * out * 3 + 2)]) == wanted, "\(kernels.name)")
                #expect(bytes[0] == 0x99 && bytes[1] == 0x99 && bytes.suffix(3) == [0x99, 0x99, 0x99])
            }
        }
    }

    @Test func `every set of kernels resizes RGB to the same bytes`() throws {
        let (width, height) = (83, 61)
        let source = Fixture.picture(width, height) + [0]
        for out in [7, 20, 90] {
            let across = FilterTable(inputSize: width, start: 3, end: 79.5, outputSize: out)
            let down = FilterTable(inputSize: height, start: 0.5, end: 60, outputSize: out)
            let results = ImagingKernels.all.map { kernels in
                var bytes = [UInt8](repeating: 0, count: out * out * 3)
                var resampler = Resampler(kernels: kernels)
                var span = bytes.mutableSpan
                resampler.resize(
                    source, sourceStride: width * 3, originX: 0, originY: 0, across: across, down: down, into: &span,
                    rowStride: out * 3, origin: 0)
                return bytes
            }
            #expect(results.allSatisfy { $0 == results[0] })
            #expect(Set(results[0]).count > 20)
        }
    }
}
