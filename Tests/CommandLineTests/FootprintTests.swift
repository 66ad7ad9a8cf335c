import Foundation
import Testing

/// What the program takes besides time: allocations and memory, of the build that ships where there is one.
@Suite(.serialized) struct FootprintTests {
    /// Debug builds of Swift box what optimised ones keep on the stack: their allocations say nothing.
    /// Where the release build is there for sure (`TARSIER_REQUIRE_RELEASE`, set in CI) these tests run, and fail without it.
    /// A sanitizer's own allocations are not the program's.
    private static let isOptimised =
        (Program.path.contains("/release/") || ProcessInfo.processInfo.environment["TARSIER_REQUIRE_RELEASE"] != nil)
        && !Program.isSanitized

    /// Allocations of the whole process of one `tarsier bench`.
    private func allocations(_ arguments: String...) throws -> Int {
        let counter = try Program.besideTests("libAllocationCount.so")
        let outcome = try Running(
            ["LD_PRELOAD=\(counter)", Program.path, "bench", "--json", "--warm-up", "1", "--model", Program.model]
                + arguments,
            program: "/usr/bin/env"
        ).wait()
        let line = try #require(outcome.lines.last { $0.hasPrefix("allocations: ") }, "\(outcome.complaints)")
        return try #require(Int(line.dropFirst("allocations: ".count)))
    }

    @Test(.enabled(if: isOptimised, "needs the release build: make build"), arguments: ["1", "2"])
    func `A frame allocates nothing after the first`(threads: String) throws {
        let (first, more) = (Program.times(100, emulated: 3), Program.times(1000, emulated: 30))
        let few = try allocations("--threads", threads, "--runs", "\(first)")
        let many = try allocations("--threads", threads, "--runs", "\(first + more)")
        // A figure with more digits may cost the report a string or two; an allocation a frame would be one of `more`.
        #expect(abs(many - few) < 20, "\(few) allocations in \(first) frames, \(many) in \(more) more")
        #expect(few > 100, "loading a model allocates, or nothing was counted")
    }

    @Test(.enabled(if: isOptimised, "needs the release build: make build"))
    func `An engine that allocates in every frame is caught`() throws {
        let few = try allocations("--float", "--runs", "1")
        let many = try allocations("--float", "--runs", "4")
        #expect(many - few >= 3, "the float interpreter allocates its tensors anew: \(few), \(many)")
    }

    /// Kibibytes by name from /proc/PID/status.
    private func memory(of process: Process) throws -> [String: Int] {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        return text.split(separator: "\n").reduce(into: [:]) { sizes, line in
            let words = line.split { $0 == ":" || $0 == "\t" || $0 == " " }
            if words.count == 3, words[2] == "kB", let size = Int(words[1]) { sizes[String(words[0])] = size }
        }
    }

    @Test(
        .enabled(if: isOptimised, "needs the release build: make build"),
        .disabled(if: Program.isEmulated, "the kernel counts the emulator's memory too"))
    func `The daemon answers from little memory`() throws {
        let scratch = try ScratchFolder()
        let socket = scratch.path + "/tarsier.sock"
        let daemon = try Running([
            "run", "--model", Program.model, "--source", "scene:", "--rate", "max", "--socket", socket,
        ])
        defer { if daemon.process.isRunning { daemon.process.terminate() } }
        // The client waits for the socket by itself.
        #expect(try Program.run("subscribe", "--socket", socket, "--every", "--count", "15").status == 0)
        let sizes = try memory(of: daemon.process)
        // Measured on x86 with Swift 6.3, 2026-11-21: 11.0 MiB of its own, of which 2.9 are the frames of `scene:`, and
        // 12.1 MiB of the program and its libraries mapped from files. The goal for the sum is 24 MiB; how many of a
        // file's pages a fault maps is the kernel's business, so that the limit leaves some room.
        #expect(try #require(sizes["RssAnon"]) <= 13 << 10, "own memory, KiB")
        #expect(try #require(sizes["VmHWM"]) <= 27 << 10, "peak with mapped files, KiB")
        #expect(try #require(sizes["VmHWM"]) >= 4 << 10, "a model alone takes more: nothing was read")
        daemon.process.terminate()
        #expect(daemon.wait().status == 0)
    }
}
