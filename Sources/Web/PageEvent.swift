internal import TarsierClient
internal import Wire

/// One server-sent event: a name and one line of JSON. Encoded once, whoever many pages are open.
struct PageEvent: Sendable {
    enum Kind: String, Sendable {
        /// Everything a page needs to begin; also after it missed something.
        case snapshot
        /// The daemon is there: its own `hello`.
        case hello
        /// There is no daemon: why.
        case gone
        case result
        /// `power`, `camera`, `enter` and `leave`: the daemon's own lines, with the time they came.
        case state
        /// Counters and sensors, once a second.
        case sample
        case picture

        /// Whether a page that did not get it shows something wrong until it is told everything again. Pictures and results are
        /// followed by others.
        var isNeeded: Bool {
            switch self {
            case .snapshot, .hello, .gone, .state, .sample: true
            case .result, .picture: false
            }
        }
    }

    let kind: Kind
    /// One line of JSON.
    let json: [UInt8]

    init(_ kind: Kind, json: [UInt8]) {
        self.kind = kind
        self.json = json.last == 0x0A ? Array(json.dropLast()) : json
    }

    init(_ kind: Kind, _ write: (inout JSONLine) -> Void) {
        var line = JSONLine()
        write(&line)
        self.init(kind, json: line.finish())
    }

    /// As the event stream has it.
    var bytes: [UInt8] { Array("event: \(kind.rawValue)\ndata: ".utf8) + json + [0x0A, 0x0A] }

    /// Keeps a connection alive, and shows when it is not.
    static let heartbeat = Array(": still here\n\n".utf8)
    /// How soon a browser tries again, in milliseconds.
    static let opening = Array("retry: 1000\n\n".utf8)
}
