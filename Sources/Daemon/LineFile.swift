internal import LinuxIO
internal import Wire

#if canImport(Glibc)
internal import Glibc
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// An NDJSON file that grows by whole lines: the half one that a killed writer or a full disk left goes when it is opened.
final class LineFile {
    private let descriptor: Descriptor
    private let path: String
    private(set) var size: Int

    /// Opens a file to append to.
    /// - Parameter mode: of the file, where it is not there and made.
    init(path: String, mode: mode_t = 0o644) throws(Failure) {
        self.path = path
        do throws(SystemError) {
            descriptor = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_APPEND, mode: mode)
            size = try descriptor.status().size
            try endLine()
        } catch {
            throw Failure(SystemError(call: error.call, errno: error.errno, path: path))
        }
    }

    func append(_ line: [UInt8]) throws(Failure) {
        do throws(SystemError) {
            try unsafe descriptor.writeAll(line.span.bytes)
        } catch {
            throw Failure(SystemError(call: error.call, errno: error.errno, path: path))
        }
        size += line.count
    }

    func sync() throws(Failure) {
        do throws(SystemError) { try descriptor.sync() } catch {
            // A pipe or a terminal has nothing to sync.
            if error.errno != EINVAL && error.errno != ENOTSUP {
                throw Failure(SystemError(call: error.call, errno: error.errno, path: path))
            }
        }
    }

    /// Takes half a line off the end. What is none, such as a whole message without its newline, or the end of a file that is
    /// no NDJSON, is left and ended.
    private func endLine() throws(SystemError) {
        let tail = try tail()
        guard !tail.isEmpty else { return }
        if HalfLine.isOne(tail) {
            let (fd, rest) = (descriptor.raw, size - tail.count)
            _ = try retrying("ftruncate") { ftruncate(fd, rest) }
            size = rest
        } else {
            try unsafe descriptor.writeAll([0x0A].span.bytes)
            size += 1
        }
    }

    /// What stands behind the last newline; of a longer line than there are, its end.
    private func tail() throws(SystemError) -> ArraySlice<UInt8> {
        var bytes = [UInt8](repeating: 0, count: min(size, WireLimits.lineBytes + 1))
        let (fd, start, wanted) = (descriptor.raw, size - bytes.count, bytes.count)
        guard wanted > 0 else { return [] }
        var span = bytes.mutableSpan
        let count = try unsafe span.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
            let base = buffer.baseAddress
            return try retrying("pread") { unsafe pread(fd, base, wanted, start) }
        }
        // Somebody else cut it meanwhile: then it is as it is.
        guard count == wanted else { return [] }
        return bytes.lastIndex(of: 0x0A).map { bytes[($0 + 1)...] } ?? bytes[...]
    }
}

/// What a writer that was killed, or a power cut, leaves of a line.
enum HalfLine {
    /// Whether these bytes are the beginning of a message and no more of it, or nothing at all: zeros that were never written.
    static func isOne(_ line: some Collection<UInt8>) -> Bool {
        guard line.count <= WireLimits.lineBytes else { return false }
        if line.allSatisfy({ $0 == 0 }) { return !line.isEmpty }
        return line.first == UInt8(ascii: "{") && (try? JSONDecoder().decode(Anything.self, from: Data(line))) == nil
    }

    /// Any JSON.
    private struct Anything: Decodable {}
}
