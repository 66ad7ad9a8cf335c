internal import NIOCore

/// Which names a browser may have used for this server, by the `Host` header. A page elsewhere that points its own name at our
/// address (DNS rebinding) sends that name here; addresses cannot be pointed anywhere.
package struct HostRule: Sendable {
    private let names: Set<String>

    /// - Parameter names: allowed beside IP addresses and localhost, such as the machine's own name.
    package init(names: some Sequence<String>) { self.names = Set(names.map { $0.lowercased() }) }

    /// - Parameter host: the header's value, with or without a port.
    package func allows(_ host: String) -> Bool {
        guard let name = HostRule.name(in: host) else { return false }
        return name == "localhost" || names.contains(name) || (try? SocketAddress(ipAddress: name, port: 0)) != nil
    }

    /// The name without port and brackets, in lower case; nil where it is none.
    static func name(in host: String) -> String? {
        let text = host.lowercased()
        let (name, rest): (Substring, Substring)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            (name, rest) = (text[text.index(after: text.startIndex)..<end], text[text.index(after: end)...])
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            (name, rest) = (text[..<end], text[end...])
        }
        let isPort = rest.isEmpty || (rest.hasPrefix(":") && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
        return isPort && !name.isEmpty ? String(name) : nil
    }
}
