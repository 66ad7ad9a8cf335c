internal import CLinux
import Glibc

/// Resident memory of this process as the kernel counts it, in bytes.
package struct ProcessMemory: Hashable, Sendable {
    package let residentBytes: Int
    /// The largest it has been.
    package let peakBytes: Int

    /// Reads /proc/self/status. Throws when /proc is not mounted.
    package static func current() throws(SystemError) -> ProcessMemory {
        let path = "/proc/self/status"
        let text = try SmallFile.text(at: path)
        guard let resident = kibibytes("VmRSS:", in: text), let peak = kibibytes("VmHWM:", in: text) else {
            throw SystemError(call: "read", errno: EINVAL, path: path)
        }
        return ProcessMemory(residentBytes: resident * 1024, peakBytes: max(peak, resident) * 1024)
    }

    /// Gives up the resident pages of code, and of memory that was freed: after start-up and after a reload most of what was
    /// mapped is not run again (argument parsing, configuration, model metadata). Code still in use comes back from the page
    /// cache within microseconds. Any thread.
    package static func release() { tsr_release_memory() }

    private static func kibibytes(_ key: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix(key) {
            let fields = line.dropFirst(key.count).split { $0 == " " || $0 == "\t" }
            return fields.first.flatMap { Int($0) }
        }
        return nil
    }
}

/// Files whose size cannot be known before reading: /proc and /sys, and small configuration files.
package enum SmallFile {
    /// All bytes, at most `limit`; EFBIG when there are more. Never blocks on a pipe without a writer.
    package static func bytes(at path: String, limit: Int = 1 << 16) throws(SystemError) -> [UInt8] {
        do throws(SystemError) {
            return try read(Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK), limit: limit)
        } catch {
            throw SystemError(call: error.call, errno: error.errno, path: path)
        }
    }

    /// All of standard input, at most `limit` bytes; EFBIG when there are more. Waits for its end.
    package static func bytes(ofStandardInput limit: Int) throws(SystemError) -> [UInt8] {
        let copy = dup(0)
        guard copy >= 0 else { throw SystemError(call: "dup", errno: errno, path: "standard input") }
        return try read(Descriptor(owning: copy), limit: limit)
    }

    private static func read(_ file: consuming Descriptor, limit: Int) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            var span = block.mutableSpan
            let count = try file.read(into: &span)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw SystemError(call: "read", errno: EFBIG) }
            bytes.append(contentsOf: block[..<count])
        }
    }

    /// The same as text; bytes that are not UTF-8 are replaced.
    package static func text(at path: String, limit: Int = 1 << 16) throws(SystemError) -> String {
        String(decoding: try bytes(at: path, limit: limit), as: UTF8.self)
    }
}
