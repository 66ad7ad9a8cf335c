import NIOHTTP1
import Testing

@testable import Web

/// Who may ask, and what is refused: tokens, names, origins, requests that make no sense.
@Suite struct AccessTests {
    private let token = "0123456789abcdef"

    private func judge(
        _ target: String = "/", _ method: HTTPMethod = .GET, token: String? = nil, host: String? = "127.0.0.1:8277",
        _ headers: [(String, String)] = []
    ) throws -> RequestGuard.Verdict {
        let access = RequestGuard(hosts: HostRule(names: ["camera"]), token: try token.map { try AccessToken($0) })
        var fields = HTTPHeaders(headers)
        if let host { fields.add(name: "Host", value: host) }
        return access.judge(HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: fields))
    }

    private func status(_ verdict: RequestGuard.Verdict) -> UInt? {
        if case .refused(let status, _) = verdict { status.code } else { nil }
    }

    @Test(arguments: [
        "127.0.0.1", "127.0.0.1:8277", "[::1]:8277", "[::1]", "localhost:80", "LOCALHOST", "camera", "Camera:8277",
        "192.168.1.9:8277",
    ])
    func `Addresses, localhost and names that were given are known`(host: String) throws {
        #expect(try judge(host: host) == .allowed(path: "/", query: [:]))
    }

    @Test(arguments: [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "camera.evil", "", ":80", "[::1", "[::1]x",
        "127.0.0.1:80x", "camera:8277:1", "127.0.0.1@evil",
    ])
    func `Other names are refused, so that no page can point its own at us`(host: String) throws {
        #expect(status(try judge(host: host)) == 421)
    }

    @Test func `A request names its host once`() throws {
        #expect(status(try judge(host: nil)) == 421)
        #expect(status(try judge(host: "localhost", [("Host", "localhost")])) == 421)
    }

    @Test(
        arguments: [
            ("http://127.0.0.1:8277", nil), ("https://127.0.0.1:8277", nil), ("http://127.0.0.1:9", 403), ("null", 403),
            ("http://evil.example", 403),
        ] as [(String, UInt?)])
    func `Only pages from here read from here`(origin: String, refusal: UInt?) throws {
        #expect(status(try judge("/events", [("Origin", origin)])) == refusal)
    }

    @Test func `A link from elsewhere may be followed, a script from elsewhere not`() throws {
        let navigation = [("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate")]
        #expect(status(try judge(navigation)) == nil)
        #expect(status(try judge([("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")])) == 403)
        #expect(status(try judge([("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "cors")])) == 403)
        #expect(status(try judge([("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors")])) == nil)
    }

    private func judge(_ headers: [(String, String)]) throws -> RequestGuard.Verdict {
        try judge("/", .GET, token: nil, host: "127.0.0.1:8277", headers)
    }

    private func judge(_ target: String, _ headers: [(String, String)]) throws -> RequestGuard.Verdict {
        try judge(target, .GET, token: nil, host: "127.0.0.1:8277", headers)
    }

    @Test func `Other methods, bodies, and targets that are no path are refused`() throws {
        #expect(status(try judge("/", .POST)) == 405)
        #expect(status(try judge("/", .OPTIONS)) == 405)
        #expect(status(try judge("/", [("Content-Length", "1")])) == 413)
        #expect(status(try judge("/", [("Transfer-Encoding", "chunked")])) == 413)
        #expect(status(try judge("/", [("Content-Length", "0")])) == nil)
        #expect(status(try judge("http://127.0.0.1/")) == 400)
        #expect(status(try judge("*")) == 400)
        #expect(status(try judge("/" + String(repeating: "a", count: 2048))) == 414)
    }

    @Test func `Path and query are told apart`() {
        #expect(RequestGuard.split("/events?picture=1&x") == ("/events", ["picture": "1", "x": ""]))
        #expect(RequestGuard.split("/") == ("/", [:]))
        #expect(RequestGuard.split("/a?b?c=d=e") == ("/a", ["b?c": "d=e"]))
    }

    @Test func `A token opens by header, by cookie, and once by the query`() throws {
        #expect(try judge("/events", token: token) == .tokenNeeded(isPerson: false))
        #expect(try judge("/", token: token, [("Accept", "text/html,*/*")]) == .tokenNeeded(isPerson: true))
        let open = RequestGuard.Verdict.allowed(path: "/metrics", query: [:])
        #expect(try judge("/metrics", token: token, [("Authorization", "Bearer \(token)")]) == open)
        #expect(try judge("/metrics", token: token, [("Cookie", "a=b; tarsier_token=\(token); c=d")]) == open)
        #expect(
            try judge("/?token=\(token)", token: token) == .signedIn(cookie: token, location: "/"))
        for path in ["//evil.example/", "/\\evil.example/"] {
            guard case .refused = try judge("\(path)?token=\(token)", token: token) else {
                Issue.record("\(path) leads elsewhere")
                continue
            }
        }
        for wrong in ["", "x", token + "0", String(token.dropLast()), token.uppercased()] {
            #expect(try judge("/?token=\(wrong)", token: token) == .tokenNeeded(isPerson: true), "\(wrong)")
            #expect(
                try judge("/metrics", token: token, [("Authorization", "Bearer \(wrong)")])
                    == .tokenNeeded(isPerson: false))
            #expect(
                try judge("/metrics", token: token, [("Cookie", "tarsier_token=\(wrong)")])
                    == .tokenNeeded(isPerson: false))
        }
    }

    @Test func `Tokens that could be guessed or cannot be sent are refused`() {
        #expect(throws: WebError.self) { try AccessToken("short") }
        #expect(throws: WebError.self) { try AccessToken(String(repeating: "a", count: 257)) }
        #expect(throws: WebError.self) { try AccessToken("0123456789abcdef;") }
        #expect(throws: WebError.self) { try AccessToken("0123456789 abcdef") }
    }

    @Test(arguments: [
        ("127.0.0.1:8277", true), ("[::1]:0", true), ("localhost:80", true), ("0.0.0.0:8277", false), ("[::]:1", false),
        ("127.9.9.9:1", true), ("10.0.0.1:65535", false),
    ])
    func `Addresses of this machine alone need no token`(text: String, isLoopback: Bool) throws {
        let address = try ListenAddress(parsing: text)
        #expect(address.isLoopback == isLoopback)
        let made = { (token: AccessToken?) throws(WebError) in
            _ = try WebConfiguration(listen: address, socket: "/tmp/x", token: token)
        }
        if isLoopback {
            #expect(throws: Never.self) { try made(nil) }
        } else {
            #expect(throws: WebError.self) { try made(nil) }
        }
        #expect(throws: Never.self) { try made(try AccessToken("0123456789abcdef")) }
    }

    @Test(arguments: [
        "", "8277", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "example.com:80",
        "[127.0.0.1]:80", "[::1:80",
    ])
    func `What is no address is told`(text: String) {
        #expect(throws: WebError.self) { try ListenAddress(parsing: text) }
    }
}
