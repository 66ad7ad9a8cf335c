package import Glibc
import Synchronization

/// Replaces a file in one step: readers see the old bytes or the new bytes, also after a power cut, never a mixture.
package enum AtomicFile {
    /// Writes a temporary file beside `path`, syncs it, renames it over `path` and syncs the folder.
    ///
    /// On failure the temporary file is removed and what was at `path` is untouched. The one exception says so in its
    /// `remark`: when all has gone well but the sync of the folder, the new file is in place and readers see it, but a power
    /// cut may still bring the old one back.
    ///
    /// A device such as /dev/null, and a pipe, take the bytes as they are and stay what they are; a socket and a disk take none.
    package static func write(_ bytes: RawSpan, to path: String, mode: mode_t = 0o644) throws(SystemError) {
        do throws(SystemError) {
            switch (try? FileStatus(of: path))?.kind {
            case .regular, .directory, nil: break
            case .characterDevice, .fifo: return try Descriptor(opening: path, flags: O_WRONLY).writeAll(bytes)
            case .socket, .other: throw SystemError(call: "open", errno: EOPNOTSUPP)
            }
            let folder = folder(of: path)
            // Open before anything is replaced: a folder that cannot be synced is an error that leaves the old file.
            let directory = try Descriptor(opening: folder, flags: O_RDONLY | O_DIRECTORY)
            removeLeftovers(in: folder)
            try replace(path, in: folder, by: bytes, mode: mode)
            try sync(directory)
        } catch {
            throw SystemError(call: error.call, errno: error.errno, path: path, remark: error.remark)
        }
    }

    /// The same for an array.
    package static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o644) throws(SystemError) {
        try unsafe write(bytes.span.bytes, to: path, mode: mode)
    }

    /// Waits until the names in the folder that `path` lies in are on the disk: a file that was synced may have lost its name
    /// after a power cut, or have the one before.
    package static func syncFolder(of path: String) throws(SystemError) {
        let folder = folder(of: path)
        do throws(SystemError) { try sync(Descriptor(opening: folder, flags: O_RDONLY | O_DIRECTORY)) } catch {
            throw SystemError(call: error.call, errno: error.errno, path: folder)
        }
    }

    private static func replace(
        _ path: String, in folder: String, by bytes: RawSpan, mode: mode_t
    ) throws(SystemError) {
        let temporary = try TemporaryFile(in: folder, mode: mode)
        try temporary.file.writeAll(bytes)
        try temporary.file.sync()
        try temporary.rename(to: path)
    }

    /// The new name is there for all to see; without this a power cut could bring the old one back.
    private static func sync(_ directory: borrowing Descriptor) throws(SystemError) {
        do throws(SystemError) { try directory.sync() } catch {
            // Some file systems (FUSE, some network ones) cannot sync a folder: then there is nothing more to do.
            if error.errno == EINVAL || error.errno == ENOTSUP { return }
            throw SystemError(
                call: error.call, errno: error.errno,
                remark: "the new file is in place, but a power cut may still bring the old one back")
        }
    }

    /// Folders that have been rid of leftovers.
    private static let swept = Mutex<Set<String>>([])

    /// Removes what killed writers left in the folder; once a folder and process, for a folder may hold very many files.
    private static func removeLeftovers(in folder: String) {
        if swept.withLock({ $0.insert(folder).inserted }) { TemporaryFile.removeLeftovers(in: folder) }
    }

    /// The folder that a path lies in; "." for a name alone.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
