import ArgumentParser
import Capture
import Daemon
import LinuxIO
import Tensors

struct CollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Keeps informative frames of a camera: new scenes, unsure and changing answers, no near-duplicates.",
        discussion: """
            Frames go to DIR/<label>/, those the model is unsure of to DIR/unsorted/; DIR/collected.ndjson tells why each
            was kept. Sort them, then teach. A camera must be free; `--source daemon:` takes the frames of the daemon that
            holds it, small as its network sees them, where its configuration has `picture = on`.
            Example: tarsier collect --count 200 --output gate/ --source daemon:
            """)

    @Option(help: "Stop after so many frames kept.")
    var count: Int

    @Option(help: "Folder for the frames.")
    var output: String

    @Option(help: "Where frames come from, as for `tarsier run`; or the running daemon, daemon:[SOCKET].")
    var source = "v4l2:auto"

    @Option(help: "Model that judges; the default model when left out.")
    var model: String?

    @Option(help: "Most frames looked at in a second, of a live source.")
    var rate = 4.0

    @Option(help: "Most MiB kept.")
    var limit = 256

    @Option(help: "Stop after so many seconds.")
    var seconds: Double?

    @Flag(help: "One JSON object a frame kept.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(count) else { throw ValidationError("--count is between 1 and 100000") }
        guard (0.001...60).contains(rate) else { throw ValidationError("--rate is between 0.001 and 60") }
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is between 1 and 1000000") }
        if let seconds, !(seconds > 0 && seconds <= 1e9) {
            throw ValidationError("--seconds is above 0 and at most 1000000000; leave it out for no limit")
        }
    }

    func run() async throws {
        let loaded = try LoadedModel(model)
        let collector = try FrameCollector(loaded, folder: output, limitBytes: limit << 20)
        let deadline = seconds.map { MonotonicClock.now() + UInt64($0 * 1e9) }
        if let socket = DaemonFrames.socket(in: source) {
            try await collect(fromDaemon: socket, into: collector, until: deadline)
        } else {
            try collect(into: collector, until: deadline)
        }
        Terminal.endProgress()
        let why = collector.isFull ? ", stopped at \(limit) MiB" : ""
        Terminal.note(
            "collect: kept \(collector.kept) of \(collector.looked) frames, \(collector.bytes / 1024) KiB\(why)")
    }

    private func collect(into collector: FrameCollector, until deadline: UInt64?) throws {
        let source: any FrameSource
        do throws(CaptureError) {
            source = try SourceSpecification(parsing: self.source).open(interruption: try Interruption())
        } catch {
            throw Failure(error)
        }
        var frame = Frame()
        while goesOn(collector, deadline) {
            let begin = MonotonicClock.now()
            do throws(CaptureError) { guard try source.next(into: &frame) else { break } } catch {
                throw Failure(error)
            }
            try look(frame, of: source.identity, collector)
            if source.isLive { _ = source.interruption.sleep(until: begin + UInt64(1e9 / rate)) }
        }
    }

    private func collect(
        fromDaemon socket: String, into collector: FrameCollector, until deadline: UInt64?
    ) async throws {
        var source = DaemonFrames(socket: socket)
        var frame = Frame()
        while goesOn(collector, deadline) {
            let due = ContinuousClock.now + .seconds(1 / rate)
            if try await source.next(into: &frame) {
                try look(frame, of: source.identity, collector)
            } else {
                Terminal.progress("collect: \(collector.kept) of \(count), the daemon has no frames just now")
            }
            try await Task.sleep(until: due)
        }
    }

    private func goesOn(_ collector: FrameCollector, _ deadline: UInt64?) -> Bool {
        collector.kept < count && !collector.isFull && deadline.map { MonotonicClock.now() < $0 } ?? true
    }

    private func look(_ frame: borrowing Frame, of source: String, _ collector: FrameCollector) throws {
        if let kept = try collector.look(frame, source: source) {
            if json {
                try Terminal.json(kept)
            } else {
                Terminal.line("\(kept.file): \(kept.reason), \(kept.label)")
            }
        }
        Terminal.progress("collect: \(collector.kept) of \(count), \(collector.looked) looked at")
    }
}
