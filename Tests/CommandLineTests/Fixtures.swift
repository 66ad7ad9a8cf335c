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
    /// Starts the daemon and returns when its socket is there.
    static func daemon(on socket: String, _ arguments: [String]) throws -> Running {
        let daemon = try Running(["run", "--model", Program.model, "--socket", socket] + arguments)
        if eventually({ FileManager.default.fileExists(atPath: socket) || !daemon.process.isRunning }),
            daemon.process.isRunning
        {
            return daemon
        }
        daemon.process.terminate()
        Issue.record("the daemon did not come up: \(daemon.wait().complaints)")
        throw CancellationError()
    }

    /// Whether a condition comes true, within a time that a busy machine may take.
    static func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
        let deadline = ContinuousClock.now + .seconds(60 * Program.patience)
        while try !condition() {
            guard ContinuousClock.now < deadline else { return false }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return true
    }
}

/// Programs of the system that tests use.
extension Fixtures {
    struct MissingProgram: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is not here; scripts/setup.sh test installs it" }
    }

    /// The path of a program that `scripts/setup.sh test` sees to: without it a test fails.
    static func tool(_ name: String) throws -> String {
        guard let path = find(name) else { throw MissingProgram(name: name) }
        return path
    }

    /// The path of a program in the folders where systems have them; the test runner need not have a whole PATH.
    static func find(_ name: String) -> String? {
        let own = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map(String.init) ?? []
        let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"] + own
        return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

extension Fixtures {
    /// A colourful JPEG of 64x48 pixels; another for each seed.
    static func picture(seed: UInt64) throws -> [UInt8] {
        var state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1
        let waves = (0..<9).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 40) / Double(1 << 24)
        }
        let pixels = (0..<(64 * 48)).flatMap { index in
            let (x, y) = (Double(index % 64) / 64, Double(index / 64) / 48)
            return (0..<3).map { c in
                let wave = waves[3 * c] + waves[3 * c + 1] * x * 2 + waves[3 * c + 2] * y * 2
                return UInt8((wave - wave.rounded(.down)) * 255)
            }
        }
        return try JPEGEncoder.encode(pixels, width: 64, height: 48)
    }
}
