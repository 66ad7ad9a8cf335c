import ArgumentParser
import Capture
import Daemon
import LinuxIO
import Tensors

struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Keeps informative frames of a camera: new scenes, unsure and changing answers, no near-duplicates.",
        discussion: """
            Frames go to DIR/<label>/, those the model is unsure of to DIR/unsorted/; DIR/collected.ndjson tells why each
            was kept. Sort them, then teach. The camera must be free: stop the daemon that holds it.
            Example: tarsier collect --count 200 --output gate/ --source v4l2:auto
            """)

    @Option(help: "Stop after so many frames kept.")
    var count: Int

    @Option(help: "Folder for the frames.")
    var output: String

    @Option(help: "Where frames come from, as for `tarsier run`.")
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
        guard rate > 0, rate <= 60 else { throw ValidationError("--rate is above 0 and at most 60") }
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is between 1 and 1000000") }
        if let seconds, !(seconds > 0) { throw ValidationError("--seconds is above 0") }
    }

    func run() throws {
        let loaded = try LoadedModel(model)
        let collector = try FrameCollector(loaded, folder: output, limitBytes: limit << 20)
        let source: any FrameSource
        do throws(CaptureError) {
            source = try SourceSpecification(parsing: self.source).open(interruption: try Interruption())
        } catch {
            throw Failure(error)
        }
        let deadline = seconds.map { MonotonicClock.now() + UInt64($0 * 1e9) }
        var frame = Frame()
        while collector.kept < count, !collector.isFull, deadline.map({ MonotonicClock.now() < $0 }) ?? true {
            let begin = MonotonicClock.now()
            do throws(CaptureError) { guard try source.next(into: &frame) else { break } } catch {
                throw Failure(error)
            }
            if let kept = try collector.look(frame, source: source.identity) {
                if json {
                    try Terminal.json(kept)
                } else {
                    Terminal.line("\(kept.file): \(kept.reason), \(kept.label)")
                }
            }
            Terminal.progress("collect: \(collector.kept) of \(count), \(collector.looked) looked at")
            if source.isLive { _ = source.interruption.sleep(until: begin + UInt64(1e9 / rate)) }
        }
        Terminal.endProgress()
        let why = collector.isFull ? ", stopped at \(limit) MiB" : ""
        Terminal.note(
            "collect: kept \(collector.kept) of \(collector.looked) frames, \(collector.bytes / 1024) KiB\(why)")
    }
}
