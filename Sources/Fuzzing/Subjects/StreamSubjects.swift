internal import Capture
internal import LinuxIO
internal import Tensors

/// Concatenated JPEGs from a pipe or file.
package struct MJPEGStreamSubject: FuzzSubject {
    package static let name = "mjpeg-stream"
    package static let limit = 4096
    package static var seeds: [[UInt8]] {
        get throws { [try Pictures.jpeg(false, grey: false) + [1, 2, 3] + Pictures.jpeg(true, grey: true)] }
    }

    private let file: MemoryFile
    package init() throws { file = try MemoryFile() }

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        file.frames(of: input) { (path, interruption) throws(CaptureError) in
            try MJPEGSource(path: path, interruption: interruption)
        }
    }
}

/// YUV4MPEG2 from a pipe or file.
package struct Y4MStreamSubject: FuzzSubject {
    package static let name = "y4m-stream"
    package static let limit = 2048
    package static var words: [String] {
        [
            "YUV4MPEG2 ", "FRAME", " W", " H", " C420jpeg", " Cmono", " C420paldv", " C444", "16384",
            "99999999999999999999",
        ]
    }
    package static var seeds: [[UInt8]] {
        [("C420jpeg", 24), ("Cmono", 16), ("C420mpeg2 A1:1 F30:1", 24)].map { colours, bytes in
            Array("YUV4MPEG2 W4 H4 \(colours)\nFRAME\n".utf8) + [UInt8](repeating: 90, count: bytes)
                + Array("FRAME Ip\n".utf8) + [UInt8](repeating: 30, count: bytes)
        }
    }

    private let file: MemoryFile
    package init() throws { file = try MemoryFile() }

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        file.frames(of: input) { (path, interruption) throws(CaptureError) in
            try Y4MSource(path: path, interruption: interruption)
        }
    }
}

/// A file in memory under a name, as sources want one.
struct MemoryFile {
    private let folder: String
    private let interruption: Interruption
    private var path: String { folder + "/stream" }

    init() throws {
        folder = try MemoryFolder.make()
        interruption = try Interruption()
    }

    /// Whether the source gave at least one frame; ends when the stream does.
    func frames(of input: [UInt8], _ open: (String, Interruption) throws(CaptureError) -> any FrameSource) -> Bool {
        do {
            try MemoryFolder.write(input, to: path)
            let source = try open(path, interruption)
            var (frame, count) = (Frame(), 0)
            while try source.next(into: &frame) {
                count += 1
                promise(frame.bytes.count <= max(input.count, 1), "a frame larger than its stream")
                promise(count <= input.count, "more frames than bytes")
            }
            return count > 0
        } catch {
            return false
        }
    }
}
