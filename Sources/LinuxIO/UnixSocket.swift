package import Glibc

/// Stream sockets that have a name in the file system, unix(7). All are made non-blocking and close-on-exec.
package enum UnixSocket {
    /// Longest path in bytes: `sun_path` has 108, and every Linux program expects a NUL behind the name.
    package static let longestPath = 107

    /// Binds `path`, which must be free, and listens.
    /// - Parameters:
    ///   - mode: permissions of the file. It never has more, not even before this returns: the kernel makes the file
    ///     with those of the socket.
    ///   - backlog: connections that may wait to be accepted.
    /// - Throws: what the kernel reports, among it EADDRINUSE, ENOENT, EACCES; ENAMETOOLONG for a path of no byte, of
    ///   more than `longestPath` or with a NUL.
    package static func listen(on path: String, mode: mode_t, backlog: CInt) throws(SystemError) -> Descriptor {
        let listener = try make()
        let fd = listener.raw
        _ = try retrying("fchmod") { fchmod(fd, mode) }
        try unsafe withAddress(path) { (address, length) throws(SystemError) in
            _ = try retrying("bind", path: path) { unsafe bind(fd, address, length) }
        }
        do throws(SystemError) {
            // The umask took bits away when the file was made.
            _ = try retrying("chmod", path: path) { unsafe chmod(path, mode) }
            _ = try retrying("listen", path: path) { Glibc.listen(fd, backlog) }
        } catch {
            unsafe unlink(path)
            throw error
        }
        return listener
    }

    /// Connects to `path`. Never waits: a local connection is made or refused at once.
    /// - Throws: what the kernel reports: ECONNREFUSED when nobody listens, EAGAIN when too many wait to be accepted,
    ///   ENOENT, EACCES; ENAMETOOLONG as above.
    package static func connect(to path: String) throws(SystemError) -> Descriptor {
        let socket = try make()
        let fd = socket.raw
        try unsafe withAddress(path) { (address, length) throws(SystemError) in
            _ = try retrying("connect", path: path) { unsafe Glibc.connect(fd, address, length) }
        }
        return socket
    }

    /// Whether a descriptor of unknown origin is a listening Unix stream socket.
    package static func isListener(_ descriptor: CInt) -> Bool {
        option(SO_DOMAIN, of: descriptor) == AF_UNIX
            && option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue)
            && option(SO_ACCEPTCONN, of: descriptor) == 1
    }

    private static func make() throws(SystemError) -> Descriptor {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        return Descriptor(owning: try retrying("socket") { socket(AF_UNIX, type, 0) })
    }

    private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
        var (value, length) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }

    @unsafe private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= longestPath, !bytes.contains(0) else {
            throw SystemError(call: "bind", errno: ENAMETOOLONG, path: path)
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        try unsafe withUnsafePointer(to: &address) { (pointer) throws(SystemError) in
            let generic = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            try unsafe body(generic, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

/// Which file a name leads to, so that one can tell later whether it still is the same.
package struct FileIdentity: Hashable, Sendable {
    package let kind: FileStatus.Kind
    private let device: UInt64
    private let inode: UInt64
    /// When its contents changed, in nanoseconds: the number of a removed file may be given to the next one.
    private let modifiedNs: Int64

    /// nil when there is nothing; of a symbolic link this tells of the link itself.
    package init?(at path: String) {
        var raw = stat()
        guard unsafe lstat(path, &raw) == 0 else { return nil }
        kind = FileStatus(raw).kind
        (device, inode) = (UInt64(raw.st_dev), UInt64(raw.st_ino))
        modifiedNs = Int64(raw.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(raw.st_mtim.tv_nsec)
    }
}

/// The lock of a folder, held while this lives: programs that change names in it take turns. Leaves nothing behind, also
/// when its holder is killed.
package struct FolderLock: ~Copyable {
    private let folder: Descriptor

    /// Waits for the present holder.
    /// - Returns: nil when the folder cannot be read or its file system has no locks: then there are no turns.
    /// - Throws: EWOULDBLOCK when another program holds it for more than `timeoutMs` milliseconds.
    package static func take(folderOf path: String, timeoutMs: Int = 3000) throws(SystemError) -> FolderLock? {
        let name = AtomicFile.folder(of: path)
        let folder: Descriptor
        do { folder = try Descriptor(opening: name, flags: O_RDONLY | O_DIRECTORY) } catch { return nil }
        let deadline = MonotonicClock.now() + UInt64(max(0, timeoutMs)) * 1_000_000
        while true {
            let fd = folder.raw
            do throws(SystemError) {
                _ = try retrying("flock", path: name) { flock(fd, LOCK_EX | LOCK_NB) }
                return FolderLock(folder: folder)
            } catch {
                guard error.errno == EWOULDBLOCK else { return nil }
                guard MonotonicClock.now() < deadline else { throw error }
                // flock has no time limit; the holders need milliseconds.
                usleep(5000)
            }
        }
    }
}
