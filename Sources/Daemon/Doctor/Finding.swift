/// What `tarsier doctor` says of one thing.
package struct Finding: Hashable, Sendable, Encodable {
    package enum Verdict: String, Hashable, Sendable, Encodable {
        case fine
        /// Not wrong, and worth knowing.
        case note
        case problem
    }

    /// Such as "camera".
    package let topic: String
    package let verdict: Verdict
    package let text: String
    /// The command that mends it, or that shows more where only hands can.
    package let command: String?

    static func fine(_ topic: String, _ text: String) -> Finding {
        Finding(topic: topic, verdict: .fine, text: text, command: nil)
    }

    static func note(_ topic: String, _ text: String, command: String? = nil) -> Finding {
        Finding(topic: topic, verdict: .note, text: text, command: command)
    }

    /// A problem always has a command.
    static func problem(_ topic: String, _ text: String, command: String) -> Finding {
        Finding(topic: topic, verdict: .problem, text: text, command: command)
    }
}
