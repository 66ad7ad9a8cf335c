import LinuxIO
import Tensors
import Testing

@testable import Capture

@Suite struct SceneSourceTests {
    private func scene() throws -> SceneSource {
        SceneSource(realtime: false, step: 8, interruption: try Interruption())
    }

    @Test func `a frame number always gives the same picture, and views differ`() throws {
        let (one, two) = (try scene(), try scene())
        var (frame, other) = (Frame(), Frame())
        var seen: [[UInt8]] = []
        for view in 0..<one.viewNames.count {
            let number = UInt64(view * SceneSource.viewFrames + 7)
            one.draw(number, into: &frame)
            two.draw(3, into: &other)  // what came before must not matter
            two.draw(number, into: &other)
            #expect(frame.bytes == other.bytes)
            #expect(frame.width == 80 && frame.height == 60 && frame.strideBytes == 240 && frame.bytes.count == 14_400)
            #expect(Set(frame.bytes).count > 100, "view \(view) is more than a flat field")
            #expect(!seen.contains(frame.bytes))
            seen.append(frame.bytes)
        }
        #expect(seen.count >= 6)
    }

    @Test func `while its file exists the scene is unplugged`() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/unplugged"
        let source = SceneSource(realtime: false, step: 8, unpluggedBy: file, interruption: try Interruption())
        var frame = Frame()
        #expect(try source.next(into: &frame))
        try folder.write([UInt8](), to: "unplugged")
        let error = #expect(throws: CaptureError.self) { try source.next(into: &frame) }
        #expect(error?.code == .disconnected && error?.message.contains(file) == true)
    }

    @Test func `views move, fade and come round`() throws {
        let source = try scene()
        let cycle = UInt64(SceneSource.viewFrames * source.viewNames.count)
        var (a, b) = (Frame(), Frame())
        source.draw(0, into: &a)
        source.draw(1, into: &b)
        #expect(a.bytes != b.bytes)
        source.draw(cycle, into: &b)
        #expect(a.bytes == b.bytes)
        func distance(_ x: UInt64, _ y: UInt64) -> Int {
            source.draw(x, into: &a)
            source.draw(y, into: &b)
            return zip(a.bytes, b.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        }
        let cut = distance(20, 30)
        #expect(distance(29, 30) < cut / 2, "the last frame of a view is nearly the first of the next")
    }

    @Test func `frames come in order when nobody paces them`() throws {
        let source = try scene()
        var frame = Frame()
        for number in 0..<3 {
            #expect(try source.next(into: &frame))
            #expect(frame.sequence == UInt64(number))
        }
        #expect(source.losses == FrameLosses() && !source.isLive)
    }
}
