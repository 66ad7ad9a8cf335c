/// A label came into view for good, or left it. `{"type":"enter",...}` and `{"type":"leave",...}` on the wire.
///
/// One label is present at a time: each `leave` follows its own `enter`, and the next `enter` follows the `leave`.
public struct PresenceEvent: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        /// The label has held for as many results in a row as stability takes.
        /// - score: its smoothed score at that moment, in [0, 1].
        case enter(score: Double)
        /// Another label, or none, has held for as long.
        /// - durationMs: milliseconds from `enter`'s moment to this event's.
        case leave(durationMs: Double)
    }

    public var change: Change
    public var label: String
    /// Wall clock of the first frame of the run of results that made the change.
    public var timestamp: Timestamp
    /// CLOCK_MONOTONIC of that frame, in nanoseconds.
    public var monotonicNs: UInt64
    /// Number of this state event; nil where it was not sent as one.
    public var stateSeq: UInt64?

    public init(change: Change, label: String, timestamp: Timestamp, monotonicNs: UInt64, stateSeq: UInt64? = nil) {
        self.change = change
        self.label = label
        self.timestamp = timestamp
        self.monotonicNs = monotonicNs
        self.stateSeq = stateSeq
    }

    /// `enter` or `leave`.
    public var type: String {
        switch change {
        case .enter: "enter"
        case .leave: "leave"
        }
    }
}

/// The label that is present: the `enter` without its `leave`.
public struct Presence: Hashable, Sendable {
    public var label: String
    /// Wall clock when it came.
    public var since: Timestamp
    /// CLOCK_MONOTONIC when it came, in nanoseconds.
    public var sinceMonotonicNs: UInt64

    public init(label: String, since: Timestamp, sinceMonotonicNs: UInt64) {
        self.label = label
        self.since = since
        self.sinceMonotonicNs = sinceMonotonicNs
    }

    /// What is present after `event`.
    package init?(after event: PresenceEvent) {
        guard case .enter = event.change else { return nil }
        self.init(label: event.label, since: event.timestamp, sinceMonotonicNs: event.monotonicNs)
    }
}

extension PresenceEvent {
    func write(to line: inout JSONLine) {
        line.stateSeq(stateSeq)
        line.key("label")
        line.string(label)
        line.key("ts")
        line.string(timestamp.description)
        line.key("mono_ns")
        line.integer(monotonicNs)
        switch change {
        case .enter(let score):
            line.key("score")
            line.number(score, decimals: 4)
        case .leave(let durationMs):
            line.key("duration_ms")
            line.number(durationMs, decimals: 2)
        }
    }

    init(_ type: String, _ fields: KeyedDecodingContainer<Name>) throws {
        let timestamp: String = try fields.required("ts")
        self.init(
            change: type == "enter"
                ? .enter(score: try fields.optional("score") ?? 0)
                : .leave(durationMs: try fields.optional("duration_ms") ?? 0),
            label: try fields.required("label"),
            timestamp: Timestamp(timestamp) ?? Timestamp(unixMilliseconds: 0),
            monotonicNs: try fields.optional("mono_ns") ?? 0, stateSeq: try fields.optional("state_seq"))
    }
}

extension Presence: Decodable {
    func write(to line: inout JSONLine) {
        line.beginObject()
        line.key("label")
        line.string(label)
        line.key("since_ts")
        line.string(since.description)
        line.key("since_mono_ns")
        line.integer(sinceMonotonicNs)
        line.endObject()
    }

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let since: String = try fields.required("since_ts")
        self.init(
            label: try fields.required("label"), since: Timestamp(since) ?? Timestamp(unixMilliseconds: 0),
            sinceMonotonicNs: try fields.optional("since_mono_ns") ?? 0)
    }
}
