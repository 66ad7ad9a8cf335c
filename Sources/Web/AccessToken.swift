/// The secret that lets a browser in. Compared in a time that depends on the length of what was sent alone.
package struct AccessToken: Sendable {
    /// Below this a token can be guessed.
    package static let fewestBytes = 16
    package static let mostBytes = 256

    private let bytes: [UInt8]

    /// - Throws: `configuration` when it is too short, too long, or has characters that a cookie cannot hold.
    package init(_ text: String) throws(WebError) {
        let bytes = Array(text.utf8)
        guard (AccessToken.fewestBytes...AccessToken.mostBytes).contains(bytes.count) else {
            throw WebError(
                .configuration,
                "the token has \(bytes.count) characters, it must have \(AccessToken.fewestBytes) to \(AccessToken.mostBytes); "
                    + "`openssl rand -hex 16` makes one")
        }
        guard bytes.allSatisfy(AccessToken.isAllowed) else {
            throw WebError(
                .configuration, "the token may have letters, digits, - . _ and ~ only; `openssl rand -hex 16` makes one"
            )
        }
        self.bytes = bytes
    }

    /// Reads the first line of a file.
    /// - Throws: `noInput`, `permission`, `configuration`.
    package init(readingFrom path: String) throws(WebError) {
        let bytes = try FileBytes.read(path, "the token file", limit: 4096)
        try self.init(String(decoding: bytes.prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self))
    }

    /// Characters that need no escaping in a cookie, a header and a query.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether `given` is the token. Every byte of `given` is looked at, whatever the first ones are.
    package func matches(_ given: some StringProtocol) -> Bool {
        var difference = given.utf8.count ^ bytes.count
        for (index, byte) in given.utf8.enumerated() { difference |= Int(byte ^ bytes[index % bytes.count]) }
        return difference == 0
    }
}
