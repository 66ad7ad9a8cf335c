import FoundationEssentials
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The socket's name in the file system: claims it, guards against taking a living daemon's, removes only its own.
struct SocketFile: Hashable, Sendable {
    let path: String
    private let device: UInt64
    private let inode: UInt64
    /// When it was bound: the number of a removed file may be given to the next one.
    private let bound: Date?

    /// What swift-nio takes: the kernel would take 107 bytes, other systems no more than this.
    private static let longestPath = 103

    private enum Found {
        case nothing
        case socket(SocketFile)
        case somethingElse
    }

    private init(path: String, device: UInt64, inode: UInt64, bound: Date?) {
        self.path = path
        self.device = device
        self.inode = inode
        self.bound = bound
    }

    /// The file that was bound a moment ago; nil when it is gone already. Any thread.
    /// - Parameter mode: permissions it is given. Until then it has what the umask leaves, which with the usual one
    ///   lets nobody else connect.
    static func claim(path: String, mode: UInt16) throws(PublishingError) -> SocketFile? {
        do {
            try FileManager.default.setAttributes([.posixPermissions: UInt(mode)], ofItemAtPath: path)
        } catch {
            throw PublishingError(
                .permissionDenied, path: path,
                message: "cannot give \(path) the mode \(String(mode, radix: 8)); is its directory yours?")
        }
        guard case .socket(let file) = find(path) else { return nil }
        return file
    }

    /// Makes the path free to bind: removes a socket file on which nobody answers.
    /// - Throws: `pathTooLong`, `directoryMissing`, `notASocket`, `socketInUse`, `permissionDenied`.
    static func makeWay(path: String, group: any EventLoopGroup) throws(PublishingError) {
        let length = path.utf8.count
        guard length > 0, length <= longestPath, !path.utf8.contains(0) else {
            throw PublishingError(
                .pathTooLong, path: path,
                message:
                    "socket path \(path) has \(length) bytes, the limit is \(longestPath); choose a shorter --socket")
        }
        switch find(path) {
        case .nothing: return
        case .somethingElse:
            throw PublishingError(
                .notASocket, path: path,
                message: "\(path) exists and is not a socket; remove it or choose another --socket")
        case .socket(let stale):
            try probe(path: path, group: group)
            // Somebody else may have taken the name between the two looks.
            guard case .socket(let still) = find(path), still == stale else { return }
            try remove(path)
        }
    }

    /// Closes the listener, and with it removes the file if it is still the one this server bound.
    ///
    /// swift-nio removes whatever socket has the name when a listener closes (`ServerSocket.close`, 2.101). One that
    /// somebody else has bound since steps aside for that moment; goes when swift-nio looks before it removes.
    func release(closing: () -> Void) {
        guard case .socket(let now) = SocketFile.find(path), now != self else {
            return closing()
        }
        let aside = path + "~"
        try? FileManager.default.moveItem(atPath: path, toPath: aside)
        closing()
        try? FileManager.default.moveItem(atPath: aside, toPath: path)
    }

    private static func find(_ path: String) -> Found {
        // Of a symbolic link this reads the link itself.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return .nothing }
        guard attributes[.type] as? FileAttributeType == .typeSocket else { return .somethingElse }
        let (device, inode) = (number(attributes[.systemNumber]), number(attributes[.systemFileNumber]))
        guard let device, let inode else { return .somethingElse }
        let bound = attributes[.modificationDate] as? Date
        return .socket(SocketFile(path: path, device: device, inode: inode, bound: bound))
    }

    /// A number of a file's attributes. Its type depends on whether all of Foundation is in the process.
    private static func number(_ value: Any?) -> UInt64? {
        value as? UInt64 ?? (value as? UInt).map { UInt64($0) }
    }

    /// Throws unless connecting is refused, which is what the kernel says of a socket nobody listens on.
    private static func probe(path: String, group: any EventLoopGroup) throws(PublishingError) {
        do {
            let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(1))
            let channel = try bootstrap.connect(unixDomainSocketPath: path).wait()
            channel.close(promise: nil)
        } catch let error as IOError where error.errnoCode == ECONNREFUSED || error.errnoCode == ENOENT {
            return
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM {
            throw PublishingError(
                .permissionDenied, path: path,
                message: "\(path) belongs to another user; stop that daemon or choose another --socket")
        } catch {
            // A full backlog or a timeout: somebody listens.
        }
        throw PublishingError(
            .socketInUse, path: path,
            message: "\(path) is in use by a running daemon; stop it or choose another --socket")
    }

    private static func remove(_ path: String) throws(PublishingError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw PublishingError(
                .permissionDenied, path: path,
                message: "cannot remove the stale socket \(path); remove it or choose another --socket")
        }
    }
}

extension PublishingError {
    /// What the kernel said when the path was bound.
    static func binding(path: String, error: any Error) -> PublishingError {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            return PublishingError(
                .socketInUse, path: path,
                message: "\(path) is in use by a running daemon; stop it or choose another --socket")
        case ENOENT, ENOTDIR:
            return PublishingError(
                .directoryMissing, path: path,
                message: "\(directory), the socket's directory, does not exist; create it or choose another --socket")
        case EACCES, EPERM, EROFS:
            return PublishingError(
                .permissionDenied, path: path,
                message: "cannot create a socket in \(directory): no permission; choose another --socket")
        default:
            return PublishingError(
                .bindFailed, path: path, message: "cannot listen on \(path): \(error); choose another --socket")
        }
    }
}
