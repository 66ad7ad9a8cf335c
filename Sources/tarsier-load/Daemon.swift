import Foundation
import LinuxIO
import Synchronization

/// A camera that is a library preloaded into the daemon, `Tests/camera/standin.c`.
struct StandinCamera {
    let library: String
    /// Its pictures, and where it writes of its openings.
    let folder: String
    let rate: Int
    /// Seconds of streaming until it goes wrong, and frames of which one each is bad in its ways; nil for a good camera.
    var faults: (seconds: Int, every: Int)?

    var environment: [String: String] {
        var variables = ["LD_PRELOAD": library, "STANDIN": "\(folder):\(rate)"]
        if let faults { variables["STANDIN_FAULTS"] = "\(faults.seconds):\(faults.every)" }
        return variables
    }
}

/// A daemon under load: fed with a stream of its own, so that it infers at exactly the rate it is told to; or on a camera.
final class Daemon: Sendable {
    let process: Process
    let socket: String

    /// Starts the daemon.
    /// - Parameters:
    ///   - camera: instead of a stream of its own.
    ///   - waits: whether to return only when its socket takes connections.
    init(
        _ options: DaemonOptions, socket: String, rate: Double, maxClients: Int, log: FileHandle,
        camera: StandinCamera? = nil, waits: Bool = true
    ) throws {
        self.socket = socket
        process = Process()
        process.executableURL = URL(fileURLWithPath: options.program)
        process.arguments = [
            "run", "--model", options.model, "--source", camera == nil ? "y4m:-" : "v4l2:/dev/video-standin", "--rate",
            "\(rate)", "--socket", socket,
            "--threads", "1", "--max-clients", "\(maxClients)",
        ]
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = log
        if let camera {
            process.environment = ProcessInfo.processInfo.environment.merging(camera.environment) { $1 }
        }
        try process.run()
        let handle = input.fileHandleForWriting
        if camera == nil { Thread { Pictures.feed(handle) }.start() }
        if waits { try waitUntilReachable() }
    }

    var processID: Int32 { process.processIdentifier }

    func waitUntilReachable() throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            if (try? UnixSocket.connect(to: socket)) != nil { return }
            guard process.isRunning else { break }
            usleep(2000)
        }
        throw LoadError("the daemon did not come up on \(socket)")
    }

    /// Resident memory in bytes, and what of it is not pages of files; nil when the daemon is gone.
    var memory: (residentBytes: Int, anonymousBytes: Int)? {
        guard let text = try? SmallFile.text(at: "/proc/\(processID)/status") else { return nil }
        func bytes(_ name: String) -> Int? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        guard let resident = bytes("VmRSS:"), let anonymous = bytes("RssAnon:") else { return nil }
        return (resident, anonymous)
    }

    /// CPU time in milliseconds, of all threads.
    var cpuMs: Int? {
        guard let text = try? SmallFile.text(at: "/proc/\(processID)/stat"), let end = text.lastIndex(of: ")") else {
            return nil
        }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else { return nil }
        return (user + system) * 1000 / sysconf(CInt(_SC_CLK_TCK))
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    func kill() {
        Foundation.kill(processID, SIGKILL)
        process.waitUntilExit()
    }
}

/// A small endless Y4M stream of a few pictures by turns, so that labels and presences change.
private enum Pictures {
    static let (width, height) = (64, 48)

    static func feed(_ handle: FileHandle) {
        signal(SIGPIPE, SIG_IGN)
        let fd = handle.fileDescriptor
        guard write(Array("YUV4MPEG2 W\(width) H\(height) F30:1 Ip A1:1 C420jpeg\n".utf8), to: fd) else { return }
        let pictures = (0..<4).map(picture)
        var count = 0
        // Each for a while, as things in front of a camera are; ends when the daemon does.
        while write(pictures[count / 20 % pictures.count], to: fd) { count += 1 }
        withExtendedLifetime(handle) {}
    }

    private static func picture(_ number: Int) -> [UInt8] {
        var bytes = Array("FRAME\n".utf8)
        for y in 0..<height {
            for x in 0..<width { bytes.append(UInt8(truncatingIfNeeded: (x * (number + 1) + y * 3 * number) * 4)) }
        }
        for plane in 0..<2 {
            bytes += [UInt8](repeating: UInt8(80 + 30 * number + 20 * plane), count: width * height / 4)
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
