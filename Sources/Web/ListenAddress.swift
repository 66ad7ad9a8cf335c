internal import NIOCore

/// Where to listen: an address of this machine and a port. Names are not looked up, so that nothing depends on a resolver.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    package let host: String
    package let port: Int

    /// T-A-R-S on a telephone.
    package static let standard = "127.0.0.1:8277"

    /// - Parameter text: `ADDRESS:PORT`, `[ADDRESS]:PORT` or `localhost:PORT`; port 0 takes a free one.
    /// - Throws: `usage`.
    package init(parsing text: String) throws(WebError) {
        let wrong = WebError(
            .usage,
            "--listen \(text): must be ADDRESS:PORT with an IP address, such as \(ListenAddress.standard) or [::1]:8277"
        )
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw wrong }
        var name = String(text[..<colon])
        if name.hasPrefix("["), name.hasSuffix("]") {
            name = String(name.dropFirst().dropLast())
            guard name.contains(":") else { throw wrong }
        } else if name.contains(":") {
            throw wrong
        }
        host = name == "localhost" ? "127.0.0.1" : name
        self.port = port
        guard (try? SocketAddress(ipAddress: host, port: port)) != nil else { throw wrong }
    }

    /// Whether only programs on this machine can reach it.
    package var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    func socketAddress() throws -> SocketAddress { try SocketAddress(ipAddress: host, port: port) }
}
