import Glibc

/// Sends datagrams to a Unix socket that somebody else owns. Never waits: what the receiver has no room for is lost.
package final class DatagramSocket: Sendable {
    private let socket: Descriptor

    /// - Parameter name: a path, or `@name` for an abstract one.
    /// - Throws: what the kernel reports, such as ECONNREFUSED or ENOENT; ENAMETOOLONG for no or too long a name.
    package init(to name: String) throws(SystemError) {
        let type = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        socket = Descriptor(owning: try retrying("socket") { Glibc.socket(AF_UNIX, type, 0) })
        var bytes = Array(name.utf8)
        var address = sockaddr_un()
        guard !bytes.isEmpty, bytes.count <= UnixSocket.longestPath, !bytes.contains(0) else {
            throw SystemError(call: "connect", errno: ENAMETOOLONG, path: name)
        }
        // The name of an abstract socket has no NUL at its end but one at its front, and its length counts.
        let isAbstract = bytes[0] == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let head = MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: address.sun_path)
        let length = socklen_t(head + bytes.count + (isAbstract ? 0 : 1))
        let fd = socket.raw
        try unsafe withUnsafePointer(to: &address) { (pointer) throws(SystemError) in
            let generic = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            _ = try retrying("connect", path: name) { unsafe connect(fd, generic, length) }
        }
    }

    /// Sends one datagram. Throws EAGAIN when the receiver has no room, ECONNREFUSED when it is gone.
    package func send(_ text: String) throws(SystemError) {
        let fd = socket.raw
        let bytes = Array(text.utf8)
        _ = try retrying("send") {
            unsafe bytes.withUnsafeBytes { unsafe Glibc.send(fd, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        }
    }
}
