internal import NIOHTTP1

/// Headers that every answer has: nothing is loaded from elsewhere, shown in frames of others, or guessed at.
enum ResponseHeaders {
    /// For the page: its own files, and pictures that come in events.
    private static let pagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    /// For the calibration report, a file with its style and pictures in it that nobody vouches for: no script, no origin.
    private static let reportPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; sandbox"

    static func make(type: String, length: Int?, isReport: Bool = false) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("Content-Type", type), ("Content-Security-Policy", isReport ? reportPolicy : pagePolicy),
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"), ("Cache-Control", "no-store"),
        ])
        if let length { headers.add(name: "Content-Length", value: "\(length)") }
        return headers
    }
}
