import Foundation
import LinuxIO
import TarsierClient
import Wire

/// A daemon that is soaked, and what happens to it.
struct Soak {
    /// Inferences a second: the most that a daemon can be asked for.
    private static let rate = 1000.0
    private let daemon: Daemon
    private let client: TarsierClient
    private let log: String
    private let camera: StandinCamera?
    private let start = MonotonicClock.now()
    private var steady = Subscribers()
    private var rounds = 0
    private var (reloads, guests, modelChanges, busyChanges) = (0, 0, 0, 0)
    private(set) var samples: [SoakSample] = []
    private(set) var broken: [String] = []

    /// Frames as the daemon's last line counts them.
    struct Frames {
        var (captured, inferred, skipped): (UInt64, UInt64, UInt64)
    }

    init(_ options: DaemonOptions, folder: String, camera: StandinCamera?) throws {
        log = folder + "/log"
        self.camera = camera
        try AtomicFile.write([], to: log)
        guard let handle = FileHandle(forWritingAtPath: log) else { throw LoadError("\(log) cannot be written") }
        do {
            daemon = try Daemon(
                options, socket: folder + "/s", rate: Soak.rate, maxClients: 64, log: handle, camera: camera)
        } catch let error as LoadError {
            let words = (try? Data(contentsOf: URL(fileURLWithPath: log))) ?? Data()
            throw LoadError("\(error.description): \(String(decoding: words.suffix(300), as: UTF8.self))")
        }
        client = TarsierClient(path: daemon.socket)
        try steady.connect(2, to: daemon.socket, FanOutCommand.every)
    }

    /// Guests for a moment, a setting that changes, now and then a reload or another model; then a sample.
    mutating func round(_ intervalNs: UInt64, otherModel: String?) async throws {
        let next = MonotonicClock.now() + intervalNs
        var visitors = Subscribers()
        try visitors.connect(8, to: daemon.socket, FanOutCommand.every)
        guests += 8
        try await client.set(["rate": .number(Soak.rate - Double(rounds % 2))])
        if rounds % 10 == 9 {
            Foundation.kill(daemon.processID, SIGHUP)
            reloads += 1
        } else if let otherModel, rounds % 3 == 1 {
            try await change(rounds % 2 == 0 ? .rollback : .set(path: URL(fileURLWithPath: otherModel).path))
        }
        try visitors.read(until: min(next, MonotonicClock.now() + intervalNs / 4))
        visitors.close()
        steady.isMeasuring = true
        try steady.read(until: next)
        steady.isMeasuring = false
        samples.append(try await sample())
        steady.resetDelays()
        rounds += 1
    }

    /// A change is refused while another is under way, and a rollback where there is nothing to go back to.
    private mutating func change(_ request: ModelRequest) async throws {
        do {
            _ = try await client.model(request)
            modelChanges += 1
        } catch is TarsierError {
            busyChanges += 1
        }
    }

    private func sample() async throws -> SoakSample {
        let process = "/proc/\(daemon.processID)"
        let inferred = try await client.status().frames.inferred
        guard let memory = daemon.memory else { throw LoadError("the daemon is gone") }
        return SoakSample(
            seconds: Double(MonotonicClock.now() - start) / 1e9, residentBytes: memory.residentBytes,
            anonymousBytes: memory.anonymousBytes,
            descriptors: try FolderNames.list(process + "/fd").count,
            threads: try FolderNames.list(process + "/task").count,
            inferred: inferred, delayMs: steady.delays.percentileMs(0.5), leastDelayMs: steady.delays.percentileMs(0.1))
    }

    /// Ends the daemon. What it says last must account for every frame.
    mutating func finish() throws -> Frames {
        broken += steady.broken
        steady.close()
        daemon.stop()
        if daemon.process.terminationStatus != 0 {
            broken.append("the daemon ended with \(daemon.process.terminationStatus)")
        }
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
        guard let line = text.split(separator: "\n").last(where: { $0.contains("stopped: ") }),
            let frames = Soak.frames(line)
        else { throw LoadError("the daemon did not say what it did: \(text.suffix(300))") }
        if frames.captured != frames.inferred + frames.skipped { broken.append("frames are lost: \(line)") }
        return frames
    }

    /// Of `stopped: N frames captured, N inferred, skipped: N reason, ...`.
    private static func frames(_ line: Substring) -> Frames? {
        guard let begin = line.range(of: "stopped: ")?.upperBound else { return nil }
        let numbers = line[begin...].split(whereSeparator: { !$0.isNumber }).compactMap { UInt64($0) }
        guard numbers.count >= 2 else { return nil }
        return Frames(captured: numbers[0], inferred: numbers[1], skipped: numbers.dropFirst(2).reduce(0, +))
    }

    /// What happened, for people.
    var events: String {
        var parts = ["\(guests) guests", "\(reloads) reloads"]
        if modelChanges > 0 { parts.append("\(modelChanges) changes of the model (\(busyChanges) refused)") }
        if let camera {
            let log = (try? Data(contentsOf: URL(fileURLWithPath: camera.folder + "/standin.log"))) ?? Data()
            let openings = String(decoding: log, as: UTF8.self).split(separator: "\n").count { $0.hasPrefix("open") }
            parts.append("the camera was opened \(openings) times")
        }
        return parts.joined(separator: ", ")
    }
}
