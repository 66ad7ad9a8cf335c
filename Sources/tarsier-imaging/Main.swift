import ArgumentParser
import Foundation
import Imaging
import LinuxIO
import Tensors

/// From a camera's frame to the network's input, and nothing else: CPU time for bench/imaging, and the bytes for a comparison.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tarsier-imaging", abstract: "Times the way from a frame to the network's input.")

    @Argument(help: "A JPEG, or raw pixels with --format and --size.")
    var file: String

    @Option(help: "yuyv, uyvy, nv12, i420, rgb24, grey; a JPEG when left out.")
    var format: String?

    @Option(help: "WxH of raw pixels.")
    var size: String?

    @Option(help: "Side of the network's input.")
    var side = 224

    @Option(help: "Frames.")
    var runs = 200

    @Option(help: "Also write the input's RGB bytes here.")
    var output: String?

    func run() throws {
        var frame = Frame()
        frame.bytes = try SmallFile.bytes(at: file, limit: 64 << 20)
        frame.format = .mjpeg
        if let format {
            guard let known = PixelFormat(rawValue: format),
                let sides = size?.split(separator: "x").compactMap({ Int($0) }), sides.count == 2
            else { throw ValidationError("--format and --size WxH belong together") }
            (frame.format, frame.width, frame.height) = (known, sides[0], sides[1])
            frame.strideBytes =
                switch known {
                case .yuyv, .uyvy: sides[0] * 2
                case .rgb24: sides[0] * 3
                case .nv12, .i420, .grey, .mjpeg: sides[0]
                }
        }
        var preparer = try Preparer(Preprocessing(width: side, height: side, cropFraction: 1, std: 64))
        var input = try preparer.prepare(frame)
        if let output { try AtomicFile.write(input, to: output) }
        var samples: [Double] = []
        for _ in 0..<runs {
            let begin = Main.cpuMs()
            var span = input.mutableSpan
            try preparer.prepare(frame, into: &span, rowStride: side * 3, origin: 0)
            samples.append(Main.cpuMs() - begin)
        }
        samples.sort()
        print("{\"median_ms\":\(samples[samples.count / 2]),\"min_ms\":\(samples[0])}")
    }

    /// CPU time of this thread.
    private static func cpuMs() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
}
