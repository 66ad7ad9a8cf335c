internal import LinuxIO
package import Wire

#if canImport(Glibc)
internal import Glibc
#endif

/// What `tarsier record` kept, ready to be played again.
package struct Recording: Sendable {
    /// One message and when it is due, in nanoseconds from the first.
    package struct Entry: Sendable {
        package let atNs: UInt64
        package let message: ServerMessage
    }

    package let path: String
    /// Results and state events in the order of the file; not empty.
    package let entries: [Entry]
    /// From the first `hello`; made up where there is none.
    package let hello: Hello

    /// Largest recording that is read, in bytes: it is held in memory.
    static let limitBytes = 1 << 28

    /// - Throws: `Failure` that names the file, and the line that is no message. Half lines of recorders that were killed are
    ///   left out.
    package init(readingFrom path: String) throws(Failure) {
        self.path = path
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try SmallFile.bytes(at: path, limit: Recording.limitBytes)
        } catch {
            throw Failure(error.errno == ENOENT ? .noInput : .io, "\(error)")
        }
        var entries: [Entry] = []
        var hello: Hello?
        var clock = Clock()
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.isEmpty {
            let message: ServerMessage
            do throws(WireError) { message = try ServerMessage(line: line) } catch {
                if number == lines.count - 1 { break }
                if HalfLine.isOne(line), Recording.isBeginning(lines[number + 1]) { continue }
                throw Failure(.badData, "\(path): line \(number + 1) is no message of the protocol: \(error)")
            }
            switch message {
            case .hello(let first): hello = hello ?? first
            case .result, .power, .camera, .presence, .model:
                entries.append(Entry(atNs: clock.moment(of: message), message: message))
            case .gap, .reply, .unknown: continue
            }
        }
        guard !entries.isEmpty else {
            throw Failure(.badData, "\(path) holds no result and no event; record one with `tarsier record`")
        }
        self.entries = entries
        self.hello =
            hello
            ?? Hello(
                version: Version.current, model: ModelInfo(name: "recording", sha256: "", labels: 0, input: []),
                camera: CameraInfo(id: "replay:\(path)", state: .ok), last: nil)
    }

    /// Whether a recorder began here, or went on: each connection begins with `hello`.
    private static func isBeginning(_ line: some Collection<UInt8>) -> Bool {
        if case .hello? = try? ServerMessage(line: line) { true } else { false }
    }
}

/// Turns the moments of messages into one time that begins at 0 and never goes back, over restarts of the recorded daemon
/// and of its machine.
private struct Clock {
    private var lastNs: UInt64?
    private var nowNs: UInt64 = 0

    /// The longest pause that is kept, in nanoseconds.
    private static let longestPauseNs: UInt64 = 3_600_000_000_000

    mutating func moment(of message: ServerMessage) -> UInt64 {
        guard case .result(let result) = message else { return nowNs }
        if let lastNs, result.monotonicNs > lastNs {
            nowNs += min(result.monotonicNs - lastNs, Clock.longestPauseNs)
        }
        lastNs = result.monotonicNs
        return nowNs
    }
}
