package import NIOHTTP1

/// Decides whether a request may be answered, from its head alone. Pure.
package struct RequestGuard: Sendable {
    /// Longest target, in bytes.
    static let targetBytes = 2048
    static let cookie = "tarsier_token"

    private let hosts: HostRule
    private let token: AccessToken?

    package init(hosts: HostRule, token: AccessToken?) {
        self.hosts = hosts
        self.token = token
    }

    package enum Verdict: Hashable, Sendable {
        case allowed(path: String, query: [String: String])
        /// The token came in the query: to be put into a cookie and out of sight.
        case signedIn(cookie: String, location: String)
        /// The token is missing or wrong; a person is shown where to type it.
        case tokenNeeded(isPerson: Bool)
        case refused(HTTPResponseStatus, String)
    }

    package func judge(_ head: HTTPRequestHead) -> Verdict {
        let headers = head.headers
        guard head.method == .GET || head.method == .HEAD else {
            return .refused(.methodNotAllowed, "only GET and HEAD are answered")
        }
        if headers.contains(name: "transfer-encoding") || headers["content-length"].contains(where: { $0 != "0" }) {
            return .refused(.payloadTooLarge, "a request has no body here")
        }
        guard head.uri.utf8.count <= RequestGuard.targetBytes else {
            return .refused(.uriTooLong, "the address is too long")
        }
        guard head.uri.hasPrefix("/") else { return .refused(.badRequest, "the target must be a path") }
        let named = headers["host"]
        guard named.count == 1, hosts.allows(named[0]) else {
            return .refused(
                .misdirectedRequest,
                "this name is not known here; use an IP address, or start tarsier-web with --name NAME")
        }
        if let strange = foreignPage(headers, host: named[0]) { return strange }
        let (path, query) = RequestGuard.split(head.uri)
        guard let token else { return .allowed(path: path, query: query) }
        if let given = query["token"] {
            guard token.matches(given) else { return .tokenNeeded(isPerson: true) }
            // Two slashes would name another host.
            guard !path.hasPrefix("//"), !path.contains("\\") else { return .refused(.badRequest, "no such page") }
            return .signedIn(cookie: given, location: path)
        }
        let given = RequestGuard.bearer(headers) ?? RequestGuard.cookie(headers)
        guard let given, token.matches(given) else {
            let isPerson = path == "/" && headers["accept"].contains { $0.contains("text/html") }
            return .tokenNeeded(isPerson: isPerson)
        }
        return .allowed(path: path, query: query)
    }

    /// A script of another site may not read from here; a person may follow a link.
    private func foreignPage(_ headers: HTTPHeaders, host: String) -> Verdict? {
        let refusal = Verdict.refused(.forbidden, "a page of another origin may not read from here")
        if let origin = headers.first(name: "origin"), origin != "http://\(host)", origin != "https://\(host)" {
            return refusal
        }
        if let site = headers.first(name: "sec-fetch-site"), site == "cross-site" || site == "same-site",
            headers.first(name: "sec-fetch-mode") != "navigate"
        {
            return refusal
        }
        return nil
    }

    /// Path and the parameters of the query, which are plain words here and never escaped.
    static func split(_ target: String) -> (path: String, query: [String: String]) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(sides[0])] = sides.count == 2 ? String(sides[1]) : ""
        }
        return (String(parts[0]), query)
    }

    private static func bearer(_ headers: HTTPHeaders) -> String? {
        guard let value = headers.first(name: "authorization"), value.lowercased().hasPrefix("bearer ") else {
            return nil
        }
        return String(value.dropFirst("bearer ".count))
    }

    private static func cookie(_ headers: HTTPHeaders) -> String? {
        for header in headers["cookie"] {
            for pair in header.split(separator: ";") {
                let sides = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
                if sides.count == 2, sides[0] == cookie { return String(sides[1]) }
            }
        }
        return nil
    }
}
