import Testing

@testable import Capture

@Suite struct SourceSpecificationTests {
    @Test(arguments: [
        ("v4l2:/dev/video0", SourceSpecification.v4l2(.device(path: "/dev/video0"))),
        ("v4l2:/dev/v4l/by-id/usb-A_B:C-index0", .v4l2(.device(path: "/dev/v4l/by-id/usb-A_B:C-index0"))),
        ("v4l2:auto", .v4l2(.automatic)),
        ("v4l2:usb=046D:0825", .v4l2(.usb(vendor: "046d", product: "0825", serial: nil))),
        ("v4l2:usb=046d:0825:AB:1", .v4l2(.usb(vendor: "046d", product: "0825", serial: "AB:1"))),
        ("images:photos/a b", .images(folder: "photos/a b")), ("mjpeg:-", .mjpeg(file: "-")),
        ("mjpeg:a:b.mjpg", .mjpeg(file: "a:b.mjpg")), ("y4m:x.y4m", .y4m(file: "x.y4m")),
        ("scene:", .scene(unpluggedBy: nil)),
        ("scene:unplugged-by=/tmp/x", .scene(unpluggedBy: "/tmp/x")),
    ])
    func `a source string is understood and written back`(text: String, expected: SourceSpecification) throws {
        let parsed = try SourceSpecification(parsing: text)
        #expect(parsed == expected)
        #expect(try SourceSpecification(parsing: parsed.description) == expected)
    }

    @Test(arguments: [
        ("", "no such source"), ("scene", "no such source"), ("/dev/video0", "did you mean v4l2:/dev/video0?"),
        ("camera:0", "no such source"), ("images:", "a folder is missing"), ("mjpeg:", "a file"), ("y4m:", "a file"),
        ("scene:sea", "takes nothing"), ("v4l2:", "a device is missing"), ("v4l2:video0", "a path, auto or usb="),
        ("v4l2:usb=", "four hex digits"), ("v4l2:usb=46d:825", "four hex digits"), ("v4l2:usb=046d", "four hex digits"),
        ("v4l2:usb=046g:0825", "four hex digits"), ("v4l2:usb=046d:0825:", "four hex digits"),
    ])
    func `a senseless source string is a usage error that helps`(text: String, part: String) {
        let error = #expect(throws: CaptureError.self) { try SourceSpecification(parsing: text) }
        #expect(error?.code == .usage)
        #expect(error?.message.contains(part) == true)
    }
}
