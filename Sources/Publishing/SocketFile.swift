import LinuxIO

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The socket's name in the file system: takes it from a dead daemon, never from a living one, and removes only its own.
///
/// Daemons that start or stop in the same folder take turns by its lock, so that none removes what another has just bound.
struct SocketFile: Sendable {
    let path: String
    private let identity: FileIdentity?

    /// Connections that may wait to be accepted: above the clients of a busy board that all come back at once. The
    /// kernel caps it at net.core.somaxconn.
    static let backlog: CInt = 1024

    /// Binds `path` and listens, after removing a socket file on which nobody answers.
    /// - Returns: the file, and the listening descriptor for the caller to own.
    /// - Throws: `pathTooLong`, `directoryMissing`, `notASocket`, `socketInUse`, `permissionDenied`, `bindFailed`.
    static func listen(path: String, mode: UInt16) throws(PublishingError) -> (file: SocketFile, descriptor: CInt) {
        let length = path.utf8.count
        let limit = UnixSocket.longestPath
        guard length > 0, length <= limit, !path.utf8.contains(0) else {
            throw PublishingError(
                .pathTooLong, path: path,
                message: "socket path \(path) has \(length) bytes, the limit is \(limit); choose a shorter --socket")
        }
        let turn: FolderLock?
        do throws(SystemError) { turn = try FolderLock.take(folderOf: path) } catch {
            throw PublishingError(
                .socketInUse, path: path,
                message: "another program holds the lock of the folder of \(path); stop it or choose another --socket")
        }
        return try withExtendedLifetime(turn) { () throws(PublishingError) in
            try makeWay(path)
            return try bind(path: path, mode: mode)
        }
    }

    private static func bind(
        path: String, mode: UInt16
    ) throws(PublishingError) -> (file: SocketFile, descriptor: CInt) {
        do throws(SystemError) {
            let listener = try UnixSocket.listen(on: path, mode: mode_t(mode), backlog: backlog)
            return (SocketFile(path: path, identity: FileIdentity(at: path)), listener.release())
        } catch {
            throw PublishingError.binding(path: path, error: error)
        }
    }

    /// Removes the file if it is still the one that was bound here.
    func remove() {
        // Without a turn, in the worst case the file of a daemon that starts this instant goes; so do without only where
        // there are no locks at all.
        guard let turn = try? FolderLock.take(folderOf: path) else { return removeIfOwn() }
        withExtendedLifetime(turn) { removeIfOwn() }
    }

    private func removeIfOwn() {
        if let identity, FileIdentity(at: path) == identity { _ = unsafe unlink(path) }
    }

    /// Makes the path free to bind.
    private static func makeWay(_ path: String) throws(PublishingError) {
        guard let found = FileIdentity(at: path) else { return }
        guard found.kind == .socket else {
            throw PublishingError(
                .notASocket, path: path,
                message: "\(path) exists and is not a socket; remove it or choose another --socket")
        }
        try probe(path)
        guard unsafe unlink(path) == 0 || errno == ENOENT else {
            throw PublishingError(
                .permissionDenied, path: path,
                message: "cannot remove the stale socket \(path); remove it or choose another --socket")
        }
    }

    /// Throws unless connecting is refused, which is what the kernel says of a socket nobody listens on.
    private static func probe(_ path: String) throws(PublishingError) {
        do throws(SystemError) {
            _ = try UnixSocket.connect(to: path)
        } catch {
            switch error.errno {
            case ECONNREFUSED, ENOENT: return
            case EACCES, EPERM:
                throw PublishingError(
                    .permissionDenied, path: path,
                    message: "\(path) belongs to another user; stop that daemon or choose another --socket")
            default: break  // a full backlog: somebody listens
            }
        }
        throw PublishingError.inUse(path)
    }
}

extension PublishingError {
    fileprivate static func inUse(_ path: String) -> PublishingError {
        PublishingError(
            .socketInUse, path: path,
            message: "\(path) is in use by a running daemon; stop it or choose another --socket")
    }

    /// What the kernel said when the path was bound.
    fileprivate static func binding(path: String, error: SystemError) -> PublishingError {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        switch error.errno {
        case EADDRINUSE: return inUse(path)
        case ENOENT, ENOTDIR:
            return PublishingError(
                .directoryMissing, path: path,
                message: "\(directory), the socket's directory, does not exist; create it or choose another --socket")
        case EACCES, EPERM, EROFS:
            let cause = error.errno == EROFS ? "it is read-only" : "no permission"
            return PublishingError(
                .permissionDenied, path: path,
                message: "cannot create a socket in \(directory): \(cause); choose another --socket")
        default:
            return PublishingError(
                .bindFailed, path: path, message: "cannot listen on \(path): \(error.reason); choose another --socket")
        }
    }
}
