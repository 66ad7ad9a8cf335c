import Foundation
import Testing

/// Where output goes, and where it cannot go: nothing that was wanted is lost without a word.
@Suite struct OutputTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// A command line of a shell's, in which `$0` is the program.
    private func shell(_ script: String) throws -> Program.Outcome {
        try Running(["-c", script, Program.path], program: "/bin/sh").wait()
    }

    @Test(arguments: ["networks --json >/dev/full", "config example >/dev/full", "networks >&-"])
    func `Results that cannot be written are no success`(command: String) throws {
        let outcome = try shell("exec \"$0\" \(command)")
        #expect(outcome.status == 74, "\(outcome.complaints)")
        #expect(
            outcome.lines.count == 1 && outcome.complaints.contains("tarsier: standard output: "),
            "\(outcome.complaints)")
    }

    @Test func `A reader that is slow gets everything, also through a pipe that does not wait`() throws {
        let whole = try Program.run("networks", "--json").output
        // Python makes its end of the pipe one that does not wait, as some shells' neighbours do, and reads late.
        let script = """
            import fcntl, os, subprocess, sys, time
            r, w = os.pipe()
            fcntl.fcntl(w, 1031, 4096)
            os.set_blocking(w, False)
            child = subprocess.Popen([sys.argv[1], "networks", "--json"], stdout=w)
            os.close(w)
            time.sleep(0.5)
            sys.stdout.write(os.fdopen(r).read())
            sys.exit(child.wait())
            """
        let outcome = try Running(["-c", script, Program.path], program: Fixtures.tool("python3")).wait()
        #expect(outcome.status == 0, "\(outcome.complaints)")
        #expect(whole.utf8.count > 4096 && outcome.output == whole)
    }

    @Test(.disabled(if: Program.isSanitized, "the thread sanitizer makes files of its own"))
    func `A file that may not grow is told like a full disk`() throws {
        let path = scratch.path + "/answers.ndjson"
        let outcome = try shell(
            "ulimit -f 0; exec \"$0\" tune --model '\(Program.model)' --runs 1 --output '\(path)' | cat")
        #expect(outcome.complaints.contains(path), "\(outcome.complaints)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).isEmpty)
    }

    @Test func `An output that is an input, another output or in no folder is refused before the work`() throws {
        let photos = scratch.path + "/photos"
        _ = try SampleSet.render(1, into: photos)
        let weights = scratch.path + "/w.safetensors"
        try FileManager.default.copyItem(atPath: Program.weights, toPath: weights)
        try FileManager.default.createSymbolicLink(atPath: scratch.path + "/link", withDestinationPath: weights)
        let out = scratch.path + "/out.safetensors"
        for (arguments, status) in [
            (["--output", weights], Int32(64)), (["--output", scratch.path + "/./w.safetensors"], 64),
            (["--output", scratch.path + "/link"], 64), (["--output", out, "--report", out], 64),
            (["--output", out, "--report", scratch.path + "/none/r.html"], 74),
        ] {
            let outcome = try Running(["quantize", "--calib", photos, "--weights", weights] + arguments).wait()
            #expect(outcome.status == status && outcome.lines.count == 1, "\(arguments): \(outcome.complaints)")
        }
        #expect(FileManager.default.contentsEqual(atPath: weights, andPath: Program.weights))
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    @Test(arguments: [["--seconds", "inf"], ["--seconds", "1e18"], ["--rate", "1e-11"], ["--rate", "nan"]])
    func `Numbers that no collection means are refused`(arguments: [String]) throws {
        let outcome = try Running(
            ["collect", "--source", "scene:", "--output", scratch.path + "/c", "--count", "3"] + arguments
        ).wait()
        #expect(outcome.status == 64, "\(outcome.complaints)")
    }

    @Test func `A stream without end that is no MJPEG is refused`() throws {
        let outcome = try Program.run(
            "run", "--model", Program.model, "--socket", scratch.path + "/s", "--source", "mjpeg:/dev/zero")
        #expect(outcome.status == 65 && outcome.complaints.contains("no JPEG picture in it"), "\(outcome.complaints)")
    }

    @Test func `A NUL in a configuration is a mistake with its line`() throws {
        let path = try scratch.file("nul.conf", Array("# fine\nrate = 5\0banana\n".utf8))
        let outcome = try Program.run("config", "check", "--config", path)
        #expect(outcome.status == 78 && outcome.complaints.contains("\(path):2"), "\(outcome.complaints)")
    }

    @Test func `A log that nobody reads stops neither results nor the end`() throws {
        let socket = scratch.path + "/s"
        // Its stderr is a pipe that is full from the start: whoever read it has stopped.
        let script = """
            import fcntl, os, subprocess, sys
            r, w = os.pipe()
            fcntl.fcntl(w, 1031, 4096)
            os.write(w, b"x" * 4096)
            child = subprocess.Popen([sys.argv[1]] + sys.argv[2:], stderr=w)
            print(child.pid, flush=True)
            sys.exit(child.wait())
            """
        let daemon = try Running(
            [
                "-c", script, Program.path, "run", "--model", Program.model, "--source", "scene:", "--rate", "20",
                "--socket", socket,
            ], program: Fixtures.tool("python3"))
        let process = try #require(daemon.line().flatMap { Int32($0) })
        defer { kill(process, SIGKILL) }
        #expect(Fixtures.eventually { FileManager.default.fileExists(atPath: socket) })
        #expect(try Program.run("set", "--socket", socket, "rate=10", "threads=1").status == 0)
        let outcome = try Program.run("subscribe", "--socket", socket, "--every", "--count", "5", "--json")
        #expect(outcome.status == 0 && outcome.output.split(separator: "\n").count >= 5, "\(outcome.complaints)")
        kill(process, SIGTERM)
        #expect(daemon.wait().status == 0)
    }
}
