package import Glibc

/// Replaces a file in one step: readers see the old bytes or the new bytes, also after a power cut, never a mixture.
package enum AtomicFile {
    /// Writes a temporary file beside `path`, syncs it, renames it over `path` and syncs the folder. On failure the
    /// temporary file is removed and what was at `path` is untouched.
    package static func write(_ bytes: RawSpan, to path: String, mode: mode_t = 0o644) throws(SystemError) {
        let folder = folder(of: path)
        removeLeftovers(of: path, in: folder)
        let temporary = "\(path).\(getpid())-\(UInt32.random(in: 0...UInt32.max)).tmp"
        do throws(SystemError) {
            let file = try Descriptor(opening: temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try file.writeAll(bytes)
            try file.sync()
            try file.close()
            _ = try retrying("rename") { unsafe rename(temporary, path) }
        } catch {
            _ = unsafe unlink(temporary)
            throw SystemError(call: error.call, errno: error.errno, path: path)
        }
        // The data is in place; without this a power cut could bring the old name back.
        try syncFolder(of: path)
    }

    /// Waits until the names in the folder that `path` lies in are on the disk: a file that was synced may have lost its name
    /// after a power cut, or have the one before.
    package static func syncFolder(of path: String) throws(SystemError) {
        let folder = folder(of: path)
        let directory = try Descriptor(opening: folder, flags: O_RDONLY | O_DIRECTORY)
        do { try directory.sync() } catch {
            // Some file systems (FUSE, some network ones) cannot sync a folder: then there is nothing more to do.
            if error.errno != EINVAL && error.errno != ENOTSUP {
                throw SystemError(call: error.call, errno: error.errno, path: folder)
            }
        }
    }

    /// The same for an array.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(SystemError) {
        try unsafe write(bytes.span.bytes, to: path, mode: mode)
    }

    /// Removes what writers of `path` left behind that were killed: temporary files of processes that are gone.
    private static func removeLeftovers(of path: String, in folder: String) {
        let prefix = path.split(separator: "/").last.map { "\($0)." } ?? ""
        for name in (try? FolderNames.list(folder)) ?? [] where name.hasPrefix(prefix) && name.hasSuffix(".tmp") {
            guard let writer = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }), kill(writer, 0) == -1,
                errno == ESRCH
            else { continue }
            _ = unsafe unlink("\(folder)/\(name)")
        }
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
