import Glibc
import LinuxIO
import Tensors
import Testing

@testable import Capture

@Suite struct CameraSourceTests {
    private func open(_ camera: FakeCamera, interruption: Interruption? = nil) throws -> CameraSource {
        try CameraSource(camera, path: "/dev/video7", interruption: interruption ?? Interruption())
    }

    private func next(_ camera: FakeCamera) throws -> (source: CameraSource, frame: Frame) {
        let source = try open(camera)
        var frame = Frame()
        #expect(try source.next(into: &frame))
        return (source, frame)
    }

    private func failure(_ camera: FakeCamera, _ events: [FakeCamera.Event]) throws -> CaptureError? {
        camera.events = events
        let source = try open(camera)
        var frame = Frame()
        return #expect(throws: CaptureError.self) { try source.next(into: &frame) }
    }

    @Test func `setting up asks in order, queues every buffer and starts`() throws {
        let camera = FakeCamera()
        let source = try open(camera)
        let queues = Array(repeating: "QBUF", count: 4)
        #expect(camera.log == ["QUERYCAP", "ENUM_FMT", "S_FMT", "S_PARM", "REQBUFS"] + queues + ["STREAMON"])
        #expect(camera.queued == [0, 1, 2, 3])
        #expect(source.identity == "v4l2:/dev/video7 (Fake)")
        #expect(source.format == .mjpeg && source.isLive)
    }

    @Test func `a dropped source stops the stream`() throws {
        let camera = FakeCamera()
        do { _ = try open(camera) }
        #expect(!camera.isStreaming)
        #expect(camera.log.last == "STREAMOFF")
    }

    @Test func `the newest of several waiting frames is given, the others go back and are counted`() throws {
        let camera = FakeCamera()
        camera.events = [.buffers([FakeCamera.buffer(0), FakeCamera.buffer(1), FakeCamera.buffer(2, bytes: 50)])]
        let (source, frame) = try next(camera)
        #expect(frame.bytes == [0xFF, 0xD8] + [UInt8](repeating: 2, count: 48))
        #expect(source.losses == FrameLosses(superseded: 2))
        #expect(camera.queued == [0, 1, 2, 3])
    }

    @Test func `empty and damaged frames are passed over, also when they are the newest`() throws {
        let camera = FakeCamera()
        camera.events = [
            .buffers([FakeCamera.buffer(0, bytes: 0), FakeCamera.buffer(1, bad: true)]),
            .buffers([FakeCamera.buffer(2), FakeCamera.buffer(3, bytes: 0)]),
        ]
        let (source, frame) = try next(camera)
        #expect(frame.bytes.last == 2)
        #expect(source.losses == FrameLosses(damaged: 3))
        #expect(camera.queued == [0, 1, 2, 3])
    }

    @Test func `frames are numbered and stamped with the driver's time, never the future's`() throws {
        let camera = FakeCamera()
        let past = MonotonicClock.now() - 1_000_000
        camera.events = [
            .buffers([FakeCamera.buffer(0, at: past)]), .buffers([FakeCamera.buffer(1, at: .max / 2)]),
            .buffers([FakeCamera.buffer(2)]), .buffers([FakeCamera.buffer(3, at: 0)]),
        ]
        let source = try open(camera)
        var (frame, stamps): (Frame, [UInt64]) = (Frame(), [])
        for number in 0..<4 {
            #expect(try source.next(into: &frame))
            #expect(frame.sequence == UInt64(number))
            stamps.append(frame.capturedNs)
        }
        #expect(stamps[0] == past)
        #expect(stamps[1...].allSatisfy { $0 > past && $0 <= MonotonicClock.now() })
    }

    @Test(arguments: [
        (ENODEV, CaptureError.Code.disconnected), (EIO, .io), (EBUSY, .busy), (EINVAL, .io),
    ])
    func `a failed dequeue has a typed cause`(code: CInt, expected: CaptureError.Code) throws {
        for wake in [EventSignal.Wake.readable, .failed] {
            let error = try failure(FakeCamera(), [.dequeueFails(code, wake)])
            #expect(error?.code == expected)
            #expect(error?.source == "v4l2:/dev/video7")
        }
    }

    @Test func `silence, nothing but bad frames, and an error without a reason all end`() throws {
        #expect(try failure(FakeCamera(), [.wake(.timedOut)])?.code == .timedOut)
        let bad = FakeCamera.Event.buffers([FakeCamera.buffer(0, bad: true)])
        #expect(try failure(FakeCamera(), [bad, bad])?.code == .timedOut)
        #expect(try failure(FakeCamera(), [.wake(.failed)])?.code == .io)
        #expect(try failure(FakeCamera(), [.waitFails(ENOMEM)])?.code == .io)
    }

    @Test func `only bad frames for ever run into the time limit`() throws {
        let camera = FakeCamera()
        camera.events = Array(repeating: .buffers([FakeCamera.buffer(0, bad: true)]), count: 50)
        var request = CameraRequest()
        (request.silenceNs, request.firstSilenceNs) = (0, 0)
        let source = try CameraSource(camera, path: "/dev/video7", request: request, interruption: Interruption())
        var frame = Frame()
        let error = #expect(throws: CaptureError.self) { try source.next(into: &frame) }
        #expect(error?.code == .timedOut)
        #expect(camera.events.count == 49)
    }

    @Test func `a wake without a buffer waits again`() throws {
        let camera = FakeCamera()
        camera.events = [.buffers([]), .buffers([]), .buffers([FakeCamera.buffer(1)])]
        #expect(try next(camera).frame.bytes.last == 1)
    }

    @Test func `an interruption ends the wait without an error`() throws {
        let interruption = try Interruption()
        let source = try open(FakeCamera(), interruption: interruption)
        interruption.raise()
        var frame = Frame()
        #expect(try !source.next(into: &frame))
    }

    @Test(arguments: [
        ("QUERYCAP", ENOTTY, CaptureError.Code.unavailable), ("S_FMT", EBUSY, .busy), ("S_FMT", EIO, .io),
        ("REQBUFS", ENOMEM, .io), ("STREAMON", ENODEV, .disconnected), ("QBUF", EINVAL, .io),
        ("S_FMT", EACCES, .permission),
    ])
    func `a failed set-up has a typed cause`(call: String, code: CInt, expected: CaptureError.Code) {
        let camera = FakeCamera()
        camera.failures[call] = code
        let error = #expect(throws: CaptureError.self) { try open(camera) }
        #expect(error?.code == expected)
    }

    @Test func `a fixed frame rate is no reason to do without the camera`() throws {
        let camera = FakeCamera()
        camera.failures["S_PARM"] = ENOTTY
        #expect(try open(camera).framesPerSecond == nil)
    }

    @Test func `what the driver gives counts, not what was asked`() throws {
        let camera = FakeCamera()
        camera.choose = { _ in
            StreamFormat(width: 320, height: 180, fourcc: PixelFormat.yuyv.fourcc, rowBytes: 704)
        }
        camera.events = [.buffers([FakeCamera.buffer(0, bytes: 1000), FakeCamera.buffer(1, bytes: 704 * 180)])]
        let (source, frame) = try next(camera)
        #expect(frame.format == .yuyv && frame.width == 320 && frame.height == 180 && frame.strideBytes == 704)
        #expect(source.losses == FrameLosses(damaged: 1), "a frame that is too short is no frame")
    }

    @Test(arguments: [
        (0, 480, 0), (640, 0, 0), (-1, 480, 0), (640, Int(Int32.max), 0), (1 << 31, 1 << 31, 0), (16385, 1, 0),
        (640, 480, 1 << 19), (Int(UInt32.max), Int(UInt32.max), Int(UInt32.max)),
    ])
    func `sizes of nonsense are refused before anything is allocated`(width: Int, height: Int, rowBytes: Int) {
        let camera = FakeCamera()
        camera.choose = { _ in
            StreamFormat(width: width, height: height, fourcc: PixelFormat.yuyv.fourcc, rowBytes: rowBytes)
        }
        #expect(#expect(throws: CaptureError.self) { try open(camera) }?.code == .unavailable)
        #expect(!camera.log.contains("REQBUFS"))
    }

    @Test(arguments: [(1, 1, 2), (16384, 16384, 0), (640, 480, 1), (3, 5, 1 << 18)])
    func `sizes that are odd but can be are taken, and frames that do not fit them are damaged`(
        width: Int, height: Int, rowBytes: Int
    ) throws {
        let camera = FakeCamera()
        camera.choose = { _ in
            StreamFormat(width: width, height: height, fourcc: PixelFormat.yuyv.fourcc, rowBytes: rowBytes)
        }
        #expect(try failure(camera, [.buffers([FakeCamera.buffer(0, bytes: 1)])]) != nil)
    }

    @Test(arguments: [
        (["YUYV", "MJPG"], "MJPG"), (["GREY", "YUYV"], "YUYV"), (["JPEG", "GREY"], "JPEG"), (["H264", "UYVY"], "UYVY"),
    ])
    func `the best format on offer is asked for first`(offered: [String], expected: String) throws {
        let camera = FakeCamera()
        func code(_ text: String) -> UInt32 { text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
        camera.offered = offered.map { CameraFormat(fourcc: code($0), isEmulated: false) }
        _ = try open(camera)
        #expect(camera.asked.first?.fourcc == code(expected))
    }

    @Test func `conversion in software is the last resort, and no format at all is unavailable`() throws {
        let camera = FakeCamera()
        camera.offered = [
            CameraFormat(fourcc: 0x3436_3248, isEmulated: false),
            CameraFormat(fourcc: PixelFormat.rgb24.fourcc, isEmulated: true),
        ]
        #expect(try open(camera).format == .rgb24)
        camera.offered.removeLast()
        let error = #expect(throws: CaptureError.self) { try open(camera) }
        #expect(error?.code == .unavailable)
        let odd = FakeCamera()
        odd.choose = { _ in StreamFormat(width: 0, height: 480, fourcc: PixelFormat.mjpeg.fourcc, rowBytes: 0) }
        #expect(throws: CaptureError.self) { try open(odd) }
    }

    @Test func `a node that cannot capture, or grants one buffer, is refused`() {
        let metadata = FakeCamera()
        metadata.info.canCapture = false
        #expect(#expect(throws: CaptureError.self) { try open(metadata) }?.code == .unavailable)
        let poor = FakeCamera()
        poor.grantedBuffers = 1
        #expect(throws: CaptureError.self) { try open(poor) }
    }
}
