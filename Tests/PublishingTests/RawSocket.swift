import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A listening socket made by hand, for what the server must find: stale files and sockets handed over.
struct RawSocket: ~Copyable {
    let descriptor: Int32

    init(listeningOn path: String) throws {
        let address = try SocketAddress(unixDomainSocketPath: path)
        let (fd, length) = (
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), socklen_t(MemoryLayout<sockaddr_un>.size)
        )
        let outcome = unsafe address.withSockAddr { pointer, _ in unsafe bind(fd, pointer, length) }
        guard outcome == 0, listen(fd, 8) == 0 else {
            let cause = errno
            close(fd)
            throw RawSocketError(errno: cause)
        }
        descriptor = fd
    }

    deinit { close(descriptor) }
}

struct RawSocketError: Error {
    let errno: Int32
}
