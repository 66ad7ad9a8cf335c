import Daemon
import LinuxIO
import Logging
import Synchronization
import Wire

/// Log lines on stderr: for people, for the journal with priorities, or as JSON for other collectors.
struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let format: LogRequest.Format

    init(label: String, _ request: LogRequest = LogRequest()) {
        self.label = label
        logLevel = request.level
        format = request.format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text =
            switch format {
            // A message is a line, whatever a camera calls itself: the journal would take the rest for another.
            case .text: Terminal.visible("\(label): \(event.message)", lines: false)
            case .json: json(event)
            }
        StderrLogHandler.write(StderrLogHandler.prefix(event.level) + text)
    }

    /// Lines that nobody took since the last that somebody took.
    private static let dropped = Mutex(0)

    /// A line, unless whoever reads them has stopped: the daemon goes on, also to its end, and tells later what is missing.
    private static func write(_ line: String) {
        dropped.withLock { dropped in
            guard Terminal.isWritable(2, milliseconds: dropped == 0 ? 100 : 0) else { return dropped += 1 }
            if dropped > 0 {
                Terminal.note(prefix(.warning) + "tarsier: \(dropped) lines before this one were not read and are lost")
            }
            dropped = 0
            Terminal.note(line)
        }
    }

    private func json(_ event: LogEvent) -> String {
        var line = JSONLine()
        line.beginObject()
        line.key("ts")
        line.string(Timestamp(unixMilliseconds: WallClock.unixMilliseconds()).description)
        line.key("level")
        line.string(event.level.rawValue)
        line.key("message")
        line.string("\(event.message)")
        line.endObject()
        return String(decoding: line.finish().dropLast(), as: UTF8.self)
    }

    /// The priority as the journal understands it (`<6>` is info), and only there: people do not want to read it.
    static func prefix(_ level: Logger.Level) -> String {
        guard isJournal else { return "" }
        let priority =
            switch level {
            case .trace, .debug: 7
            case .info: 6
            case .notice: 5
            case .warning: 4
            case .error: 3
            case .critical: 2
            }
        return "<\(priority)>"
    }

    private static let isJournal = JournalStream.leads(to: 2, variable: Environment.all["JOURNAL_STREAM"])
}
