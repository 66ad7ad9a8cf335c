import ArgumentParser
import Foundation
import LinuxIO
import TarsierClient
import Wire

/// A daemon that works for days, in minutes: inference at full rate, subscribers that come and go, settings and models that
/// change, reloads, a camera that breaks; memory, descriptors, threads and latency must not grow, and every frame must be
/// accounted for.
struct SoakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak", abstract: "Runs a daemon at full rate and looks for growth.")

    @OptionGroup var daemon: DaemonOptions

    @Option(help: "Minutes.")
    var minutes = 30.0

    @Option(help: "Inferences a second that the daemon would do in use: what the accelerated time is reckoned by.")
    var usualRate = 10.0

    @Option(help: "KiB of memory that a simulated day may add, where the 95 % interval shows that it adds any.")
    var kibibytesPerDay = 64.0

    @Option(help: "A second model, to change to and back.")
    var otherModel: String?

    @Option(help: "The library of a camera that breaks (Tests/camera/standin.c); without it frames come from a stream.")
    var camera: String?

    @Option(help: "Folder with the camera's pictures, 640x480 *.jpg.")
    var pictures: String?

    @Option(help: "Frames a second of the camera.")
    var cameraRate = 2000

    func validate() throws {
        guard (camera == nil) == (pictures == nil) else { throw ValidationError("--camera and --pictures go together") }
    }

    func run() async throws {
        let folder = NSTemporaryDirectory() + "tarsier-soak-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var soak = try Soak(daemon, folder: folder, camera: try standin(folder))
        let end = MonotonicClock.now() + UInt64(minutes * 60e9)
        let interval = UInt64(max(minutes * 60e9 / 200, 5e8))
        while MonotonicClock.now() < end { try await soak.round(interval, otherModel: otherModel) }
        let frames = try soak.finish()
        let report = SoakReport(soak.samples, usualRate: usualRate, inferred: soak.samples.last?.inferred ?? 0)
        for line in report.lines { print(line) }
        print(
            "frames     \(frames.captured) captured = \(frames.inferred) inferred + \(frames.skipped) skipped, after the last"
        )
        print("events     \(soak.events)")
        let broken = soak.broken + report.growth(kibibytesPerDay: kibibytesPerDay)
        guard broken.isEmpty else { throw LoadError(broken.joined(separator: "; ")) }
        print(
            "kept       no frame is lost, nothing is seen to grow: memory by \(report.mostGrowth) at most (longer runs see less)"
        )
    }

    private func standin(_ folder: String) throws -> StandinCamera? {
        guard let camera, let pictures else { return nil }
        // The camera writes of itself beside its pictures: into a folder of this run.
        let own = folder + "/pictures"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        let source = URL(fileURLWithPath: pictures)
        for name in try FileManager.default.contentsOfDirectory(atPath: source.path) where name.hasSuffix(".jpg") {
            try FileManager.default.createSymbolicLink(
                atPath: "\(own)/\(name)", withDestinationPath: source.appendingPathComponent(name).path)
        }
        return StandinCamera(
            library: URL(fileURLWithPath: camera).path, folder: own, rate: cameraRate, faults: (20, 1000))
    }
}
