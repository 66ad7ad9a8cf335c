import Glibc

/// A new file that takes another's place, or goes with its owner.
///
/// It is locked as long as its writer lives, flock(2): one that nobody holds was left by a writer that was killed. A lock and not
/// the number of the process, which means another process, or none, in another container.
struct TemporaryFile: ~Copyable {
    private static let (prefix, suffix) = (".tarsier-", ".tmp")

    let path: String
    /// Open for writing; its lock goes when it is closed.
    let file: Descriptor

    /// Makes an empty file of a name of its own.
    init(in folder: String, mode: mode_t) throws(SystemError) {
        for _ in 0..<100 {
            let name = "\(TemporaryFile.prefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))\(TemporaryFile.suffix)"
            let path = "\(folder)/\(name)"
            let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            // Before it was locked somebody may have taken it for a leftover: then another one.
            guard try TemporaryFile.holds(file) else { continue }
            self.path = path
            self.file = file
            return
        }
        throw SystemError(call: "flock", errno: EAGAIN)
    }

    // Gone already where it has been renamed; the name is nobody else's.
    deinit { _ = unsafe unlink(path) }

    /// Takes the place of `target`. Locked until then; what closing might report, syncing has reported.
    func rename(to target: String) throws(SystemError) {
        let path = path
        _ = try retrying("rename") { unsafe Glibc.rename(path, target) }
    }

    /// Locks the file; false when somebody else has locked or removed it.
    private static func holds(_ file: borrowing Descriptor) throws(SystemError) -> Bool {
        do throws(SystemError) {
            guard try file.lock() else { return false }
        } catch {
            // A file system without locks: nobody will take the file for a leftover there.
            return true
        }
        return try file.status().links > 0
    }

    /// Removes the temporary files in a folder whose writers are gone.
    static func removeLeftovers(in folder: String) {
        for name in (try? FolderNames.list(folder, withHidden: true)) ?? []
        where name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            let path = "\(folder)/\(name)"
            // NFS locks only what is open for writing.
            guard let file = try? Descriptor(opening: path, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK),
                (try? file.lock()) == true
            else { continue }
            _ = unsafe unlink(path)
        }
    }
}
