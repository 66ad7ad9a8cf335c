import ArgumentParser
import Capture
import Graphs
import Imaging
import LinuxIO
import Quantization
import Tensors

/// Writes what the tests in a virtual machine need besides the daemon, where an emulated CPU is 100 times slower than a
/// real one: networks small enough for it, and JPEG frames for a camera that is a program.
@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tarsier-samples", abstract: "Writes tiny models and JPEG frames, for tests.")

    @Argument(help: "Folder to write to; it must exist.")
    var folder: String

    func run() throws {
        for (name, seed) in [("tiny", 1), ("other", 2)] {
            let model = try SyntheticModel.quantized(.smV2, classes: 8, extent: 32, alpha: 0.5, seed: UInt64(seed))
            try model.write(to: "\(folder)/\(name).int8.safetensors")
        }
        let scene = SceneSource(realtime: false, interruption: try Interruption())
        var frame = Frame()
        for number in 0..<8 {
            // One from the middle of each view; they come round after seven.
            scene.draw(UInt64(number * 30 + 10), into: &frame)
            try write(frame.bytes, width: frame.width, height: frame.height, number)
            if number == 4 { try writeStill(frame) }
            if number < 4 {
                try write(Main.enlarged(frame, width: 1280, height: 720), width: 1280, height: 720, number)
            }
        }
    }

    private func write(_ pixels: [UInt8], width: Int, height: Int, _ number: Int, _ prefix: String = "") throws {
        let bytes = try JPEGEncoder.encode(pixels, width: width, height: height)
        try AtomicFile.write(bytes, to: "\(folder)/\(prefix)\(width)x\(height)-\(number).jpg")
    }

    /// One view as a camera that stands still sees it, with a sensor's noise; then with something that walks through it.
    private func writeStill(_ frame: Frame) throws {
        var random = SplitMix64(seed: 1)
        let columns = frame.width
        for number in 10..<26 {
            for (prefix, walker) in [("still-", nil), ("walk-", (number - 10) * 30 + 40)] {
                var pixels = frame.bytes
                for index in pixels.indices {
                    // The sum of four uniform numbers: a deviation of 3 of 255.
                    let noise = (0..<4).reduce(0) { sum, _ in sum + Int.random(in: -5...5, using: &random) } / 2
                    var value = Int(pixels[index]) + noise
                    let (x, y) = (index / 3 % columns, index / 3 / columns)
                    if let walker, (walker..<(walker + 60)).contains(x), (200..<360).contains(y) { value /= 2 }
                    pixels[index] = UInt8(max(0, min(255, value)))
                }
                try write(pixels, width: frame.width, height: frame.height, number, prefix)
            }
        }
    }

    /// By repeating pixels: detail does not matter, size does.
    private static func enlarged(_ frame: Frame, width: Int, height: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            let row = y * frame.height / height * frame.width
            for x in 0..<width {
                let source = (row + x * frame.width / width) * 3
                pixels.append(contentsOf: frame.bytes[source..<(source + 3)])
            }
        }
        return pixels
    }
}
