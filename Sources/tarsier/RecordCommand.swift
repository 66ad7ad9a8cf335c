import ArgumentParser
import Daemon
import TarsierClient
import Wire

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record",
        abstract: "Keeps what the daemon says as NDJSON, in one file or in a folder of segments.",
        discussion: """
            Examples:
              tarsier record day.ndjson --every
              tarsier record --spool /var/spool/tarsier --event presence --limit 64

            A file is appended to. A spool folder gets one file per so many seconds, each complete when it appears
            under its name, which is then printed; names are numbers that rise, and the oldest go when the folder passes
            its limit. After an interruption, of this command too, state events of the meantime are asked for again.
            """)

    @OptionGroup var place: SocketOption
    @OptionGroup var options: SubscriptionOptions

    @Argument(help: "File to append to.")
    var file: String?

    @Option(help: "Folder for segments, instead of a file.")
    var spool: String?

    @Option(help: "Seconds of a segment.")
    var segmentSeconds = 5.0

    @Option(help: "Most MiB of segments.")
    var limit = 64

    @Option(help: "Stop after so many results, or events where no results are asked for.")
    var count: Int?

    func validate() throws {
        guard (file == nil) != (spool == nil) else { throw ValidationError("give a file, or --spool with a folder") }
        guard (0.1...3600).contains(segmentSeconds) else {
            throw ValidationError("--segment-seconds is between 0.1 and 3600")
        }
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is between 1 and 1000000") }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() async throws {
        let recorder: Recorder
        if let spool {
            recorder = try Recorder(
                spool: spool, segmentSeconds: segmentSeconds, limitBytes: limit << 20,
                note: { Terminal.note("tarsier: \($0)") }, whenClosed: { Terminal.line($0) })
        } else {
            recorder = try Recorder(file: file ?? "")
        }
        var subscription = options.subscription
        subscription.resume = await recorder.place
        do {
            try await record(subscription, to: recorder)
        } catch let error as TarsierError {
            try await recorder.finish()
            throw Failure(error)
        }
        try await recorder.finish()
    }

    /// Until so many came; or until something fails, the disk too: nothing is recorded then that is not kept.
    private func record(_ subscription: Subscription, to recorder: Recorder) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await closeSegments(of: recorder) }
            group.addTask { try await listen(subscription, recorder) }
            // Whichever ends first ends the other; the failure of that one is of no interest.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Also when nothing comes any more. Ends by failing only.
    private func closeSegments(of recorder: Recorder) async throws {
        while true {
            try await Task.sleep(for: .seconds(min(1, segmentSeconds)))
            try await recorder.tick()
            // Whoever empties the spool is gone; the next one starts its own recorder.
            if spool != nil, Terminal.isReaderGone { Terminal.endForLackOfReader() }
        }
    }

    private func listen(_ subscription: Subscription, _ recorder: Recorder) async throws {
        let countsResults = subscription.events.contains(.result)
        var counted = 0
        for try await event in place.client.events(subscription: subscription) {
            if case .disconnected(let error, _) = event { Terminal.note("tarsier: \(error)") }
            guard let message = event.message else { continue }
            try await recorder.add(message)
            switch event {
            case .result: counted += countsResults ? 1 : 0
            case .power, .camera, .presence, .model: counted += countsResults ? 0 : 1
            case .connected, .disconnected, .gap: break
            }
            if counted == count { return }
        }
    }
}
