import Daemon
import LinuxIO
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
#if canImport(Glibc)
import Glibc
#endif

/// Output of the commands: results on stdout, talk on stderr. Names of cameras and files, labels and headers of streams come from
/// anywhere: what a terminal would obey in them is shown, not sent.
enum Terminal {
    /// A line of talk, whatever names are in it.
    static func note(_ line: String) {
        write(visible(line, lines: false) + "\n", to: 2)
    }

    /// Talk that has its own line ends.
    static func talk(_ text: String) { write(visible(text) + "\n", to: 2) }

    /// A question: talk without a line end.
    static func prompt(_ text: String) { write(visible(text), to: 2) }

    /// A line of results, whatever names are in it.
    static func line(_ line: String) {
        write(visible(line, lines: false) + "\n", to: 1)
    }

    /// Text of results that has its own line ends.
    static func text(_ text: String) { write(visible(text), to: 1) }

    /// Text with escapes of our own, as it stands.
    static func drawing(_ text: String) { write(text, to: 1) }

    /// The text with control characters as `\u001b`, which JSON reads as what they were.
    /// - Parameter lines: whether line ends and tabs stay.
    static func visible(_ text: String, lines: Bool = true) -> String {
        func isPlain(_ code: UInt32) -> Bool {
            lines && (code == 0x0A || code == 0x09) || code >= 0x20 && !(0x7F..<0xA0).contains(code)
        }
        // Bytes beyond ASCII have to be looked at as characters.
        if text.utf8.allSatisfy({ $0 < 0x80 && isPlain(UInt32($0)) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isPlain(scalar.value) {
                result.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }

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
        write("\r\u{1b}[2K" + visible(text, lines: false), to: 2)
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
            if written > 0 {
                bytes = bytes.dropFirst(written)
                continue
            }
            let cause = errno
            if cause == EINTR { continue }
            if cause == EAGAIN, isWritable(descriptor, milliseconds: -1) { continue }
            guard descriptor == 1 else { return }
            if cause == EPIPE { endForLackOfReader() }
            // Results that nobody gets are no success.
            note("tarsier: standard output: \(SystemError(call: "write", errno: cause).reason)")
            exit(Failure.Code.io.rawValue)
        }
    }

    /// Waits until a descriptor takes bytes: PIPE_BUF of a pipe.
    static func isWritable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
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
