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

    /// sun_path of sockaddr_un holds 108 bytes with its NUL.
    private static let longestPath = 107

    private enum Found {
        case nothing
        case socket(SocketFile)
        case somethingElse
    }

    private init(path: String, device: UInt64, inode: UInt64) {
        self.path = path
        self.device = device
        self.inode = inode
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

    /// Removes the file if it is still the one this server bound.
    func removeIfOwn() {
        guard case .socket(let now) = SocketFile.find(path), now == self else { return }
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func find(_ path: String) -> Found {
        // Of a symbolic link this reads the link itself.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return .nothing }
        guard attributes[.type] as? FileAttributeType == .typeSocket else { return .somethingElse }
        let device = (attributes[.systemNumber] as? any BinaryInteger).map { UInt64(truncatingIfNeeded: $0) }
        let inode = (attributes[.systemFileNumber] as? any BinaryInteger).map { UInt64(truncatingIfNeeded: $0) }
        guard let device, let inode else { return .somethingElse }
        return .socket(SocketFile(path: path, device: device, inode: inode))
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
