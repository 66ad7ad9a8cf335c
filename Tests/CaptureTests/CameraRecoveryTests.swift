import Glibc
import LinuxIO
import Tensors
import Testing

@testable import Capture

@Suite struct CameraRecoveryTests {
    @Test func `a change among the video nodes ends the wait early`() throws {
        let folder = try TemporaryFolder()
        let watch = try #require(DeviceWatch(folder: folder.path))
        #expect(!watch.hasNews())
        try folder.folder("tty7")
        #expect(!watch.hasNews())
        try folder.folder("video3")
        #expect(watch.hasNews())
        #expect(!watch.hasNews())
    }

    @Test func `waits grow up to a second and begin anew after a success`() throws {
        let folder = try TemporaryFolder()
        let (retry, interruption) = (CameraRetry(folder: folder.path), try Interruption())
        func measured() -> UInt64 {
            let begin = MonotonicClock.now()
            #expect(retry.wait(interruption))
            return MonotonicClock.now() - begin
        }
        #expect(measured() >= CameraRetry.firstDelayNs)
        #expect(measured() >= 2 * CameraRetry.firstDelayNs)
        retry.succeeded()
        let begin = MonotonicClock.now()
        // What happened before a wait ends it, too: nothing is missed between a failed try and the wait.
        try folder.folder("video0")
        #expect(retry.wait(interruption))
        #expect(MonotonicClock.now() - begin < 60_000_000_000)
        interruption.raise()
        #expect(!retry.wait(interruption))
    }

    @Test func `no permission is a matter of time at first, and for good only where there never was a frame`() throws {
        let folder = try TemporaryFolder()
        let denied = CaptureError(.permission, source: "v4l2:/dev/video0", "no permission")
        let fresh = CameraRetry(folder: folder.path)
        #expect(fresh.isWorthwhile(after: denied))
        let used = CameraRetry(folder: folder.path)
        used.succeeded()
        #expect(used.isWorthwhile(after: denied))
        #expect(fresh.isWorthwhile(after: CaptureError(.noInput, source: "", "")))
        #expect(!fresh.isWorthwhile(after: CaptureError(.usage, source: "", "")))
    }

    @Test func `who has a file open is found by name`() throws {
        let folder = try TemporaryFolder()
        try folder.folder("proc/17/fd")
        try folder.folder("proc/99/fd")
        try folder.write("", to: "video0")
        try folder.write("ffmpeg\n", to: "proc/17/comm")
        try folder.link("proc/17/fd/5", to: "\(folder.path)/video0")
        try folder.link("proc/99/fd/5", to: "/dev/null")
        let path = "\(folder.path)/video0"
        let proc = "\(folder.path)/proc"
        #expect(DeviceHolder.processes(holding: path, proc: proc) == [DeviceHolder.Process(id: 17, name: "ffmpeg")])
        #expect(DeviceHolder.text(path, proc: proc).contains("ffmpeg (process 17)"))
        #expect(DeviceHolder.text("/nowhere", proc: proc).contains("sudo fuser"))
    }

    @Test(arguments: [
        (ENOENT, "open", "no device"), (ENODEV, "VIDIOC_DQBUF", "unplugged"), (EBUSY, "VIDIOC_S_FMT", "busy"),
        (EACCES, "open", "no permission"), (ETIMEDOUT, "poll", "no frames"),
        (CameraSource.corruptOnly, "poll", "corrupt frames"),
        (CameraSource.changed, "VIDIOC_DQEVENT", "format changed"),
        (EIO, "VIDIOC_S_FMT", "stream broke"), (ENOTSUP, "VIDIOC_S_FMT", "no usable format"),
        (ENOTSUP, BayerFormat.call, "raw sensor"), (ENOTTY, "open", "no camera"),
    ])
    func `each cause begins with its name`(code: CInt, call: String, name: String) {
        let error = CameraSource.explain(SystemError(call: call, errno: code), "/dev/video7")
        #expect(error.message.hasPrefix("\(name): "), "\(error.message)")
        #expect(error.source == "v4l2:/dev/video7")
    }
}

@Suite struct CameraNegotiationTests {
    private func code(_ text: String) -> UInt32 { text.utf8.reversed().reduce(0) { $0 << 8 | UInt32($1) } }

    private func open(_ camera: FakeCamera, _ request: CameraRequest = CameraRequest()) throws -> CameraSource {
        try CameraSource(camera, path: "/dev/video7", request: request, interruption: Interruption())
    }

    @Test func `a format that the driver refuses is passed over for the next`() throws {
        let camera = FakeCamera()
        camera.offered = ["MJPG", "YUYV"].map { CameraFormat(fourcc: code($0), isEmulated: false) }
        camera.refused = [code("MJPG")]
        #expect(try open(camera).format == .yuyv)
        #expect(camera.asked.map(\.fourcc) == [code("MJPG"), code("YUYV")])
    }

    @Test func `one format alone is asked for when it is named, converted where it must be`() throws {
        let camera = FakeCamera()
        camera.offered = [
            CameraFormat(fourcc: code("MJPG"), isEmulated: false), CameraFormat(fourcc: code("RGB3"), isEmulated: true),
        ]
        var request = CameraRequest()
        request.format = .rgb24
        #expect(try open(camera, request).format == .rgb24)
        request.format = .nv12
        #expect(#expect(throws: CaptureError.self) { try open(camera, request) }?.code == .unavailable)
        // The driver that quietly gives another format is not taken at its word.
        request.format = .mjpeg
        camera.choose = { StreamFormat(width: $0.width, height: $0.height, fourcc: self.code("YUYV"), rowBytes: 0) }
        #expect(throws: CaptureError.self) { try open(camera, request) }
    }

    @Test func `a sensor without an image processor is named with its remedy`() throws {
        let camera = FakeCamera()
        camera.offered = ["pBAA", "RG12"].map { CameraFormat(fourcc: code($0), isEmulated: false) }
        let error = #expect(throws: CaptureError.self) { try open(camera) }
        #expect(error?.message.contains("libcamerify") == true)
    }

    @Test func `controls are set in order, and one that is missing is a note`() throws {
        let camera = FakeCamera()
        var request = CameraRequest()
        request.controls.exposure = .fixed(10_000)
        request.controls.whiteBalance = .automatic
        request.controls.powerLine = .hertz50
        camera.failures["S_CTRL white balance"] = EINVAL
        let source = try open(camera, request)
        #expect(camera.controls == [.exposureIsAutomatic(false), .exposureSteps(100), .powerLine(.hertz50)])
        #expect(source.notes == ["white balance cannot be set: the camera has no such control"])
    }

    @Test func `a picture of another form ends the stream`() throws {
        let camera = FakeCamera()
        (camera.events, camera.formatChanged) = ([.wake(.event)], true)
        var frame = Frame()
        let source = try open(camera)
        #expect(#expect(throws: CaptureError.self) { try source.next(into: &frame) }?.code == .changed)
        let other = FakeCamera()
        other.events = [.wake(.event), .buffers([FakeCamera.buffer(1)])]
        #expect(try open(other).next(into: &frame))
    }

    @Test func `what is no JPEG never leaves the source, and nothing else is a cause of its own`() throws {
        let camera = FakeCamera()
        camera.isJPEG = false
        camera.events = [.buffers([FakeCamera.buffer(0)]), .buffers([FakeCamera.buffer(1)])]
        let source = try open(camera)
        var frame = Frame()
        let error = #expect(throws: CaptureError.self) { try source.next(into: &frame) }
        #expect(error?.message.hasPrefix("corrupt frames") == true)
        #expect(source.losses == FrameLosses(damaged: 2))
        #expect(camera.queued == [0, 1, 2, 3])
    }

    @Test(arguments: ["640x480", "16x16"]) func `sizes are read`(text: String) {
        var request = CameraRequest()
        let isTaken = request.setSize(text)
        #expect(isTaken)
        #expect("\(request.width)x\(request.height)" == text)
    }

    @Test(arguments: ["640", "640x", "x480", "640x480x3", "-1x5", "15x16", "axb"])
    func `what is no size is refused`(text: String) {
        var request = CameraRequest()
        let isTaken = request.setSize(text)
        #expect(!isTaken)
    }
}
