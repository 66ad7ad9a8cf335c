import Logging

/// Log lines on stderr, each with the priority prefix that the journal understands (`<6>` is info).
struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let label: String

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        Terminal.note("\(prefix(event.level))\(label): \(event.message)")
    }

    /// Only where stderr goes to the journal: people do not want to read it.
    private func prefix(_ level: Logger.Level) -> String {
        guard StderrLogHandler.isJournal else { return "" }
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

    private static let isJournal = Environment.isSet("JOURNAL_STREAM")
}
