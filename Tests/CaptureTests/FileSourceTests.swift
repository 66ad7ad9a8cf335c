import LinuxIO
import Tensors
import Testing

@testable import Capture

@Suite struct FileSourceTests {
    /// All frames of a source, at most 100.
    private func frames(of source: any FrameSource) throws -> [Frame] {
        var frames: [Frame] = []
        var frame = Frame()
        while frames.count < 100, try source.next(into: &frame) { frames.append(frame) }
        return frames
    }

    @Test func `the pictures of a folder come sorted, once, whatever is in them`() throws {
        let folder = try TemporaryFolder()
        try folder.folder("b/deep")
        try folder.folder(".hidden")
        try folder.write([1], to: "z.jpg")
        try folder.write([2], to: "a.JPEG")
        try folder.write([3], to: "b/deep/m.jpg")
        try folder.write([4], to: "notes.txt")
        try folder.write([5], to: ".hidden/h.jpg")
        try folder.write([], to: "b/empty.jpg")
        try folder.link("gone.jpg", to: "/nowhere/at/all")
        let source = try ImagesSource(folder: folder.path, interruption: Interruption())
        let frames = try frames(of: source)
        #expect(frames.map(\.bytes) == [[2], [3], [], [], [1]])
        let names = frames.compactMap(\.name).map { $0.split(separator: "/").last }
        #expect(names == ["a.JPEG", "m.jpg", "empty.jpg", "gone.jpg", "z.jpg"])
        #expect(frames.map(\.sequence) == [0, 1, 2, 3, 4])
        #expect(frames.allSatisfy { $0.format == .mjpeg && $0.capturedNs > 0 })
    }

    @Test func `a looping folder begins again`() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "a.jpg")
        try folder.write([2], to: "b.jpg")
        let source = try ImagesSource(folder: folder.path, loops: true, interruption: Interruption())
        let frames = try frames(of: source)
        #expect(frames.count == 100)
        #expect(frames[..<4].map(\.bytes) == [[1], [2], [1], [2]])
    }

    @Test func `a missing, empty or unreadable folder is no input`() throws {
        let folder = try TemporaryFolder()
        try folder.write("text", to: "a.txt")
        for path in [folder.path, folder.path + "/none", folder.path + "/a.txt"] {
            let error = #expect(throws: CaptureError.self) {
                try ImagesSource(folder: path, interruption: Interruption())
            }
            #expect(error?.code == .noInput)
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func `a socket where a file should be is no input`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/s.jpg"
        _ = try UnixSocket.listen(on: path, mode: 0o600, backlog: 1)
        var frame = Frame()
        let still = #expect(throws: CaptureError.self) { try StillImage.read(path, into: &frame) }
        let stream = #expect(throws: CaptureError.self) {
            try MJPEGSource(path: path, interruption: Interruption())
        }
        for error in [still, stream] {
            #expect(error?.code == .noInput)
            #expect(error?.description.contains("socket") == true)
        }
    }

    @Test func `Y4M frames come out as they went in`() throws {
        let folder = try TemporaryFolder()
        var stream = Array("YUV4MPEG2 W5 H3 F25:1 Ip C420jpeg XTEST\n".utf8)
        let pictures = (0..<3).map { number in (0..<27).map { UInt8(number * 40 + $0) } }  // 15 + 2 * 6
        for (index, picture) in pictures.enumerated() {
            stream += Array((index == 1 ? "FRAME Ip\n" : "FRAME\n").utf8) + picture
        }
        try folder.write(stream, to: "x.y4m")
        let frames = try frames(of: Y4MSource(path: folder.path + "/x.y4m", interruption: Interruption()))
        #expect(frames.map(\.bytes) == pictures)
        #expect(frames.allSatisfy { $0.format == .i420 && $0.width == 5 && $0.height == 3 && $0.strideBytes == 5 })
    }

    @Test func `mono Y4M has luma alone`() throws {
        let folder = try TemporaryFolder()
        try folder.write("YUV4MPEG2 W2 H2 Cmono\nFRAME\nabcd", to: "m.y4m")
        let frames = try frames(of: Y4MSource(path: folder.path + "/m.y4m", interruption: Interruption()))
        #expect(frames.map(\.bytes) == [Array("abcd".utf8)])
        #expect(frames.first?.format == .grey)
    }

    @Test(arguments: [
        "", "hello\n", "YUV4MPEG2 W0 H5\n", "YUV4MPEG2 W5\n", "YUV4MPEG2 W99999 H5\n", "YUV4MPEG2 W16000 H16000\n",
        "YUV4MPEG2 W-5 H5\n", "YUV4MPEG2 W4 H4 C444\n", "YUV4MPEG2 W4 H4", "YUV4MPEG2 W4 H4\nFRAME\nshort",
        "YUV4MPEG2 W4 H4\nFRA",
        "YUV4MPEG2 W4 H4\nframe\n", "YUV4MPEG2 " + String(repeating: "X", count: 300) + "\n",
    ])
    func `a stream that is not Y4M is bad data`(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "x.y4m")
        let source = try Y4MSource(path: folder.path + "/x.y4m", interruption: Interruption())
        var frame = Frame()
        let error = #expect(throws: CaptureError.self) { try source.next(into: &frame) }
        #expect(error?.code == .badData)
    }

    @Test func `an MJPEG file gives its pictures and then ends`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("junk".utf8) + MiniJPEG.make(1) + MiniJPEG.make(2) + [0, 0], to: "x.mjpg")
        let source = try MJPEGSource(path: folder.path + "/x.mjpg", interruption: Interruption())
        #expect(try frames(of: source).map(\.bytes) == [MiniJPEG.make(1), MiniJPEG.make(2)])
        var frame = Frame()
        #expect(try !source.next(into: &frame))
    }

    @Test func `an MJPEG file without any picture is bad data, a missing one no input`() throws {
        let folder = try TemporaryFolder()
        try folder.write("only text", to: "x.mjpg")
        let source = try MJPEGSource(path: folder.path + "/x.mjpg", interruption: Interruption())
        var frame = Frame()
        #expect(throws: CaptureError.self) { try source.next(into: &frame) }
        for path in [folder.path + "/none", folder.path] {
            let error = #expect(throws: CaptureError.self) { try MJPEGSource(path: path, interruption: Interruption()) }
            #expect(error?.code == .noInput)
        }
    }

    @Test func `interrupted sources end at once`() throws {
        let folder = try TemporaryFolder()
        try folder.write(MiniJPEG.make(1), to: "a.jpg")
        let interruption = try Interruption()
        interruption.raise()
        var frame = Frame()
        for text in ["images:\(folder.path)", "mjpeg:\(folder.path)/a.jpg", "y4m:\(folder.path)/a.jpg", "scene:"] {
            let source = try SourceSpecification(parsing: text).open(interruption: interruption)
            #expect(try !source.next(into: &frame), "\(text)")
        }
    }
}

/// The smallest thing with a JPEG's segments: not decodable, but scannable.
enum MiniJPEG {
    /// With an APP segment that holds another picture's end, stuffed and restart bytes in the data.
    static func make(_ tag: UInt8, entropy: [UInt8] = [1, 2, 0xFF, 0x00, 3, 0xFF, 0xD3, 4]) -> [UInt8] {
        let thumbnail: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDB, tag, 0xFF, 0xD9]
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(2 + thumbnail.count)] + thumbnail + [0xFF, 0xFF, 0xDA, 0, 3, tag]
            + entropy
            + [0xFF, 0xD9]
    }
}
