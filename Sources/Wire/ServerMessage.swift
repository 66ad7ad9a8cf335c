/// One line from the daemon to a client.
public enum ServerMessage: Hashable, Sendable {
    case hello(Hello)
    case result(ResultEvent)
    case power(PowerEvent)
    case camera(CameraEvent)
    case presence(PresenceEvent)
    case model(ModelEvent)
    case gap(Gap)
    case reply(Reply)
    /// A type this version does not know; clients pass over it.
    case unknown(type: String)
}

/// Bounds both sides keep.
package enum WireLimits {
    /// Longest line with its newline, in bytes.
    package static let lineBytes = 65_536
    /// Longest text id, in UTF-8 bytes.
    package static let idBytes = 64
    /// Most labels in one subscription.
    package static let labels = 1024
    /// Largest `top_k`.
    package static let topK = 1000
    /// Longest name of a run in `resume`, in UTF-8 bytes.
    package static let runBytes = 64
    /// Largest `max_rate`, in results a second.
    package static let maxRate = 1000.0
}

extension ServerMessage {
    /// The line with its newline. `unknown` has only its type. Any thread.
    package func encodeLine() -> [UInt8] {
        if case .result(let result) = self { return result.encodeLine() }
        var line = JSONLine()
        line.beginObject()
        line.key("type")
        switch self {
        case .hello(let hello):
            line.string("hello")
            hello.write(to: &line)
        case .result: break
        case .power(let event):
            line.string("power")
            event.write(to: &line)
        case .camera(let event):
            line.string("camera")
            event.write(to: &line)
        case .presence(let event):
            line.string(event.type)
            event.write(to: &line)
        case .model(let event):
            line.string("model")
            event.write(to: &line)
        case .gap(let gap):
            line.string("gap")
            line.key("dropped")
            line.integer(gap.dropped)
        case .reply(let reply):
            line.string("reply")
            reply.write(to: &line)
        case .unknown(let type):
            line.string(type)
        }
        line.endObject()
        return line.finish()
    }
}
