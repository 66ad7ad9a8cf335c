import Glibc
import LinuxIO
import Tensors
import Testing

@testable import Capture

@Suite struct CameraFinderTests {
    /// A /sys/class/video4linux with two USB cameras of two nodes each and a loopback node.
    private func sysfs() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.folder("class")
        for (usb, serial, nodes) in [("usb1", "AAA", [10, 2]), ("usb2", "BBB", [0, 1])] {
            try folder.folder("\(usb)/interface")
            try folder.write("046d\n", to: "\(usb)/idVendor")
            try folder.write("0825\n", to: "\(usb)/idProduct")
            try folder.write("\(serial)\n", to: "\(usb)/serial")
            for node in nodes {
                try folder.folder("class/video\(node)")
                try folder.link("class/video\(node)/device", to: "../../\(usb)/interface")
            }
        }
        try folder.folder("class/video5")
        try folder.folder("class/v4l-subdev0")
        return folder
    }

    @Test func `nodes are tried in the order of their numbers`() throws {
        let folder = try sysfs()
        let finder = CameraFinder(sysfs: folder.path + "/class")
        #expect(try finder.candidates(.automatic) == [0, 1, 2, 5, 10].map { "/dev/video\($0)" })
        #expect(try finder.candidates(.device(path: "/dev/x")) == ["/dev/x"])
    }

    @Test func `a USB camera is found by its ids and serial number`() throws {
        let folder = try sysfs()
        let finder = CameraFinder(sysfs: folder.path + "/class")
        let all = try finder.candidates(.usb(vendor: "046d", product: "0825", serial: nil))
        #expect(all == ["/dev/video0", "/dev/video1", "/dev/video2", "/dev/video10"])
        let one = try finder.candidates(.usb(vendor: "046d", product: "0825", serial: "AAA"))
        #expect(one == ["/dev/video2", "/dev/video10"])
        for (product, serial) in [("0826", nil), ("0825", "CCC")] as [(String, String?)] {
            let error = #expect(throws: CaptureError.self) {
                try finder.candidates(.usb(vendor: "046d", product: product, serial: serial))
            }
            #expect(error?.code == .noInput)
        }
    }

    @Test func `without cameras there is no input`() {
        let error = #expect(throws: CaptureError.self) {
            try CameraFinder(sysfs: "/nowhere/at/all").candidates(.automatic)
        }
        #expect(error?.code == .noInput)
    }

    @Test func `metadata nodes are passed over, and a busy camera is told before a node that is none`() throws {
        let folder = try sysfs()
        let finder = CameraFinder(sysfs: folder.path + "/class")
        func open(_ make: @escaping (String) throws(SystemError) -> FakeCamera) throws -> CameraSource {
            try CameraOpener.open(.automatic, CameraRequest(), finder: finder, interruption: Interruption()) {
                (path) throws(SystemError) in try make(path)
            }
        }
        let found = try open { path in
            let camera = FakeCamera()
            camera.info.canCapture = path == "/dev/video2"
            return camera
        }
        #expect(found.identity == "v4l2:/dev/video2 (Fake)")
        let error = #expect(throws: CaptureError.self) {
            try open { path throws(SystemError) in
                if path == "/dev/video1" { throw SystemError(call: "open", errno: EBUSY) }
                let camera = FakeCamera()
                camera.info.canCapture = false
                return camera
            }
        }
        #expect(error?.code == .busy)
    }

    @Test func `something else than a camera is unavailable`() throws {
        let error = #expect(throws: CaptureError.self) {
            try SourceSpecification(parsing: "v4l2:/dev/null").open(interruption: Interruption())
        }
        #expect(error?.code == .unavailable)
    }

    @Test func `a device that is not there is no input`() throws {
        let error = #expect(throws: CaptureError.self) {
            try SourceSpecification(parsing: "v4l2:/dev/no-such-camera").open(interruption: Interruption())
        }
        #expect(error?.code == .noInput)
        #expect(error?.description.hasPrefix("v4l2:/dev/no-such-camera: ") == true)
    }
}
