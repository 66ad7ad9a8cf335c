import Foundation
import Imaging
import Testing

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

extension Fixtures {
    /// Starts the daemon and returns when its socket takes connections.
    static func daemon(on socket: String, _ arguments: [String]) throws -> Running {
        let daemon = try Running(["run", "--model", Program.model, "--socket", socket] + arguments)
        for _ in 0..<500 where daemon.process.isRunning {
            if FileManager.default.fileExists(atPath: socket) { return daemon }
            Thread.sleep(forTimeInterval: 0.01)
        }
        daemon.process.terminate()
        Issue.record("the daemon did not come up: \(daemon.wait().complaints)")
        throw CancellationError()
    }

    /// Whether a program is here; a test that needs one says plainly that it is skipped. Where everything is required
    /// (`TARSIER_REQUIRE_TOOLS`, set in CI) its absence is a failure.
    static func find(_ name: String, _ test: String = #function) -> String? {
        // Where Debian has them; the test runner need not have a PATH.
        for folder in ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin"]
        where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        let message = "skipped: \(test) needs \(name), which is not here; scripts/setup.sh test installs it"
        if ProcessInfo.processInfo.environment["TARSIER_REQUIRE_TOOLS"] != nil { Issue.record("\(message)") }
        print(message)
        return nil
    }
}
