import Foundation
import Testing

@testable import Daemon

/// Where frames are kept: labels come from model files, and a label is one folder.
@Suite struct FrameFileTests {
    @Test(arguments: [
        ("cat", "cat"), ("../../etc", "_.._.._etc"), ("", "_"), (".", "_."), ("a/\u{301}b", "a_\u{301}b"),
        ("/\u{200d}x", "_\u{200d}x"), (".\u{301}x", "_.\u{301}x"),
    ])
    func `A label is one folder, whatever it holds`(label: String, name: String) {
        #expect(FrameFile.safe(label).unicodeScalars.elementsEqual(name.unicodeScalars))
    }

    @Test func `The longest labels are folders that can be made`() throws {
        let folder = NSTemporaryDirectory() + "tarsier-frames-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for label in [String(repeating: "x", count: 256), String(repeating: "猫", count: 85), "a/\u{301}b"] {
            let path = try FrameFile.write([1, 2, 3], into: folder, label: label)
            #expect(path.utf8.count { $0 == UInt8(ascii: "/") } == folder.utf8.count { $0 == UInt8(ascii: "/") } + 2)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        }
    }

    @Test func `A frame and its folders are for their owner alone`() throws {
        let folder = NSTemporaryDirectory() + "tarsier-frames-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try FrameFile.write([1, 2, 3], into: folder, label: "hall")
        for (path, mode) in [(folder, 0o700), (folder + "/hall", 0o700), (file, 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(path)")
        }
    }
}
