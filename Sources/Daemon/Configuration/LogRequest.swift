package import Logging

/// How the daemon's log is to look.
package struct LogRequest: Hashable, Sendable {
    package enum Format: String, CaseIterable, Sendable { case text, json }

    package var format = Format.text
    /// The least that is written.
    package var level = Logger.Level.info

    /// Levels by the names a configuration gives them.
    package static let levels: [(name: String, level: Logger.Level)] = [
        ("debug", .debug), ("info", .info), ("warning", .warning), ("error", .error),
    ]

    package init() {}
}
