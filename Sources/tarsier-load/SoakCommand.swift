import ArgumentParser
import Foundation
import LinuxIO
import TarsierClient
import Wire

/// A daemon that works for days, in minutes: inference at full rate, subscribers that come and go, settings that change,
/// reloads; memory, descriptors, threads and latency must not grow, and every frame must be accounted for.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Runs a daemon at full rate and looks for growth.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "Minutes.")
    var minutes = 30.0

    @Option(help: "Inferences a second that the daemon would do in use: what the accelerated time is reckoned by.")
    var usualRate = 10.0

    @Option(help: "Most KiB of memory that a simulated day may add, at the upper end of the 95 % interval.")
    var kibibytesPerDay = 64.0

    func run() async throws {
        let folder = NSTemporaryDirectory() + "tarsier-soak-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let running = try Daemon(
            daemon, socket: folder + "/s", rate: 1e6, maxClients: 64, log: FileHandle.nullDevice)
        defer { running.stop() }
        let client = TarsierClient(path: running.socket)
        var steady = Subscribers()
        try steady.connect(2, to: running.socket, FanOutCommand.every)

        var samples: [SoakSample] = []
        let start = MonotonicClock.now()
        let end = start + UInt64(minutes * 60e9)
        let interval = UInt64(max(minutes * 60e9 / 200, 5e8))
        var round = 0
        while MonotonicClock.now() < end {
            let next = MonotonicClock.now() + interval
            // Guests for a moment, a setting that changes, now and then a reload.
            var guests = Subscribers()
            try guests.connect(8, to: running.socket, FanOutCommand.every)
            try await client.set(["rate": .number(1e6 - Double(round % 2))])
            if round % 10 == 9 { Foundation.kill(running.processID, SIGHUP) }
            try guests.read(until: min(next, MonotonicClock.now() + interval / 4))
            guests.close()
            steady.isMeasuring = true
            try steady.read(until: next)
            steady.isMeasuring = false
            samples.append(try await sample(running, client, steady.delays.percentileMs(0.5), since: start))
            steady.resetDelays()
            round += 1
        }
        var broken = steady.broken
        steady.close()
        let frames = try await client.status().frames
        let accounted = frames.inferred + frames.skipped.values.reduce(0, +)
        // A frame may be on its way at the moment of asking.
        if accounted > frames.captured || frames.captured - accounted > 2 {
            broken.append("\(frames.captured) frames captured, \(accounted) accounted for")
        }
        let report = SoakReport(samples, usualRate: usualRate, inferred: frames.inferred)
        for line in report.lines { print(line) }
        print(
            "frames     \(frames.captured) captured = \(frames.inferred) inferred + \(accounted - frames.inferred) skipped"
        )
        broken += report.growth(kibibytesPerDay: kibibytesPerDay)
        guard broken.isEmpty else { throw LoadError(broken.joined(separator: "; ")) }
        print("kept       nothing grows, no frame is lost, \(round / 10) reloads, \(8 * round) guests")
    }

    private func sample(
        _ daemon: Daemon, _ client: TarsierClient, _ delayMs: Double, since start: UInt64
    ) async throws -> SoakSample {
        let process = "/proc/\(daemon.processID)"
        let inferred = try await client.status().frames.inferred
        return SoakSample(
            seconds: Double(MonotonicClock.now() - start) / 1e9, residentBytes: daemon.residentBytes ?? 0,
            descriptors: try FolderNames.list(process + "/fd").count,
            threads: try FolderNames.list(process + "/task").count,
            inferred: inferred, delayMs: delayMs)
    }
}
