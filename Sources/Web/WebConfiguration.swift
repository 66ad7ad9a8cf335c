/// What `tarsier-web` was asked to do. Immutable, checked where it is made.
package struct WebConfiguration: Sendable {
    package var listen: ListenAddress
    /// The daemon's socket.
    package var socket: String
    package var token: AccessToken?
    /// Names under which browsers may ask, beside addresses and localhost.
    package var names: [String]
    /// Model files and folders of them, for the model card.
    package var models: [String]
    /// The page that `tarsier quantize --report` wrote.
    package var report: [UInt8]?

    /// Connections at the same time; each open page is one, and takes a second for its files.
    package var mostConnections = 256
    /// Largest head of a request, in bytes.
    package var headBytes = 16 * 1024
    /// How long a client may take for the head of its request, and a connection may rest between two.
    package var requestSeconds: Int64 = 10
    /// How long a client may take for an answer that is not a stream.
    package var answerSeconds: Int64 = 30

    /// - Throws: `configuration` where other machines could reach it and no token keeps them out.
    package init(
        listen: ListenAddress, socket: String, token: AccessToken? = nil, names: [String] = [], models: [String] = [],
        report: [UInt8]? = nil
    ) throws(WebError) {
        guard listen.isLoopback || token != nil else {
            throw WebError(
                .configuration,
                "\(listen) can be reached from other machines, which takes a token: name a file that holds one with --token-file"
            )
        }
        self.listen = listen
        self.socket = socket
        self.token = token
        self.names = names
        self.models = models
        self.report = report
    }

    /// Reads the calibration report.
    /// - Throws: `noInput`, `permission`, `configuration`.
    package static func report(at path: String) throws(WebError) -> [UInt8] {
        try FileBytes.read(path, "the report", limit: 16 << 20)
    }
}
