internal import LinuxIO

#if canImport(Glibc)
internal import Glibc
#endif

/// Files that live in memory (/dev/shm) for as long as the process does.
enum MemoryFolder {
    static func make() throws(SystemError) -> String {
        let base = (try? FileStatus(of: "/dev/shm")) == nil ? "/tmp" : "/dev/shm"
        let path = "\(base)/tarsier-fuzz-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        _ = try retrying("mkdir", path: path) { unsafe mkdir(path, 0o700) }
        return path
    }

    /// The folders of `file` within `folder`.
    static func makeFolders(_ folder: String, below file: String) throws(SystemError) {
        var path = folder
        for part in file.split(separator: "/").dropLast() {
            path += "/\(part)"
            let made = unsafe mkdir(path, 0o700)
            let code = errno
            if made != 0 && code != EEXIST { throw SystemError(call: "mkdir", errno: code, path: path) }
        }
    }

    /// Replaces what the file holds; not in one step.
    static func write(_ bytes: [UInt8], to path: String) throws(SystemError) {
        let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC)
        try unsafe file.writeAll(bytes.span.bytes)
    }
}
