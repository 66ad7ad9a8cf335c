import Foundation
import Imaging

/// Small JPEGs made by our own encoder.
enum Fixtures {
    /// A grey picture with a gradient, 64x48.
    static func grey() throws -> [UInt8] {
        let pixels = (0..<(64 * 48)).flatMap { index in [UInt8](repeating: UInt8(60 + index % 64), count: 3) }
        return try JPEGEncoder.encode(pixels, width: 64, height: 48)
    }
}

extension Fixtures {
    /// The plain tool that must be enough to read the socket.
    static func socat() throws -> String {
        for path in ["/usr/bin/socat", "/usr/local/bin/socat"] where FileManager.default.isExecutableFile(atPath: path)
        {
            return path
        }
        throw MissingProgram(name: "socat")
    }

    struct MissingProgram: Error {
        let name: String
    }
}
