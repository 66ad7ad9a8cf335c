import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// Output of the commands: results on stdout, talk on stderr.
enum Terminal {
    /// A line of talk.
    static func note(_ line: String) {
        write(line + "\n", to: 2)
    }

    /// A question: talk without a line end.
    static func prompt(_ text: String) { write(text, to: 2) }

    /// A line of results.
    static func line(_ line: String) {
        write(line + "\n", to: 1)
    }

    /// Text of results that has its own line ends.
    static func text(_ text: String) { write(text, to: 1) }

    /// One JSON object as a line of results. Numbers that are not finite cannot occur in a report.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Progress of long work: one line that is rewritten, only where somebody watches.
    static func progress(_ text: String) {
        guard isatty(2) == 1 else { return }
        write("\r\u{1b}[2K" + text, to: 2)
    }

    /// A bar for work of known length.
    static func progressBar(_ stage: String, _ done: Int, _ total: Int) {
        let filled = total > 0 ? min(24, done * 24 / total) : 24
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
        progress("[\(bar)] \(stage) \(done) of \(total)")
    }

    /// Clears the line of progress.
    static func endProgress() { progress("") }

    /// Whether whoever read our results is gone. True for a closed pipe, never for a file.
    static var isReaderGone: Bool {
        var entry = pollfd(fd: 1, events: 0, revents: 0)
        return unsafe poll(&entry, 1, 0) > 0 && entry.revents & Int16(POLLERR) != 0
    }

    /// Ends as programs in a pipe do: `tarsier subscribe | head -1` is no failure and must not go on for nobody. The
    /// networking library has SIGPIPE ignored.
    static func endForLackOfReader() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        exit(141)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = ArraySlice(Array(text.utf8))
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            if written < 0 && errno == EPIPE && descriptor == 1 { endForLackOfReader() }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

extension Double {
    /// Fixed-point text with so many decimals.
    func text(_ decimals: Int) -> String {
        fixed(decimals) ?? "-"
    }
}

extension String {
    /// Filled with blanks to a width; numbers stand right, words left.
    func padded(_ width: Int, right: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return right ? blanks + self : self + blanks
    }
}
