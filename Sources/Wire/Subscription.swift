/// What a client wants to be sent. The default is what a plain `socat` gets: state events, and results on change.
public struct Subscription: Hashable, Sendable {
    /// Kinds of lines.
    public struct Events: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let result = Events(rawValue: 1)
        public static let power = Events(rawValue: 2)
        public static let camera = Events(rawValue: 4)
        /// `enter` and `leave`.
        public static let presence = Events(rawValue: 8)
        public static let model = Events(rawValue: 16)
        public static let all: Events = [.result, .power, .camera, .presence, .model]

        package static let names: [(name: String, event: Events)] = [
            ("result", .result), ("power", .power), ("camera", .camera), ("presence", .presence),
            ("model", .model),
        ]
    }

    /// Which results.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// When the label or its stability is not what this client was last sent.
        case change
        /// Each one.
        case every
    }

    /// A field of a result that can be left out. `type` and `seq` always come.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        case ts
        case monoNs = "mono_ns"
        case frame, label, score, stable, top, ms, threads, gap
    }

    public var events: Events
    /// Only results, `enter` and `leave` with one of these labels; nil for all. At most 1024.
    public var labels: Set<String>?
    /// Only results with at least this score, in [0, 1]; nil for all.
    public var minScore: Double?
    public var mode: Mode
    /// Most results a second, above 0 and up to 1000; nil for no limit.
    public var maxRate: Double?
    /// Most candidates in `top`, 0 to 1000; nil for as many as the daemon has.
    public var topK: Int?
    /// Only these fields of a result; nil for all.
    public var fields: Set<Field>?
    /// Where an earlier connection stopped: state events since then are sent again. nil starts with those to come.
    public var resume: Resume?

    /// A place in the daemon's state events.
    public struct Resume: Hashable, Sendable {
        /// The daemon's run, from `hello`; at most 64 bytes.
        public var run: String
        /// Number of the last state event that was seen.
        public var stateSeq: UInt64

        public init(run: String, stateSeq: UInt64) {
            self.run = run
            self.stateSeq = stateSeq
        }
    }

    public init(
        events: Events = .all, labels: Set<String>? = nil, minScore: Double? = nil, mode: Mode = .change,
        maxRate: Double? = nil, topK: Int? = nil, fields: Set<Field>? = nil, resume: Resume? = nil
    ) {
        self.resume = resume
        self.events = events
        self.labels = labels
        self.minScore = minScore
        self.mode = mode
        self.maxRate = maxRate
        self.topK = topK
        self.fields = fields
    }

    /// How this subscription sees a result that it lets through.
    package var view: ResultView { ResultView(topK: topK, fields: fields) }

    /// Whether somebody must look for it.
    package var needsInference: Bool { !events.isDisjoint(with: [.result, .presence]) }

    /// Whether a state event is wanted.
    package func matches(_ event: StateEvent) -> Bool {
        guard events.contains(event.kind) else { return false }
        if case .presence(let presence) = event, let labels { return labels.contains(presence.label) }
        return true
    }

    /// Whether the label and the score of a result are wanted, whatever came before.
    package func matches(_ result: ResultEvent) -> Bool {
        guard events.contains(.result) else { return false }
        if let labels, !labels.contains(result.label) { return false }
        // Written so that a score that is not a number never passes a threshold.
        if let minScore, !(result.score >= minScore) { return false }
        return true
    }
}

/// A subscription with its memory: which results to let through, one after another. Pure: the caller brings the time.
package struct SubscriptionFilter: Sendable {
    package let subscription: Subscription

    /// What the client believes to be seen now. A result that does not match makes it `nothing`, so that a label that
    /// went and came back is news again.
    private enum Seen: Equatable {
        case nothing
        case label(String, stable: Bool)
    }

    private var seen = Seen.nothing
    /// In nanoseconds; nil before the first result let through.
    private var earliestNextNs: UInt64?

    package init(_ subscription: Subscription) {
        self.subscription = subscription
    }

    /// Whether to send `result`. A change held back by `maxRate` is not lost: it stays news until it has been sent or
    /// has been undone.
    /// - Parameter nowNs: a monotonic clock, in nanoseconds; must not go back between calls.
    package mutating func accepts(_ result: ResultEvent, nowNs: UInt64) -> Bool {
        guard subscription.matches(result) else {
            seen = .nothing
            return false
        }
        let now = Seen.label(result.label, stable: result.stable)
        if subscription.mode == .change, now == seen { return false }
        guard passesRate(nowNs) else { return false }
        seen = now
        return true
    }

    /// Slots lie one interval apart. A result that comes up to one interval late does not push the slots behind it, so
    /// that the mean rate is `maxRate` also where frames do not fall on slots.
    private mutating func passesRate(_ nowNs: UInt64) -> Bool {
        guard let maxRate = subscription.maxRate, maxRate > 0 else { return true }
        // Below one result in 30 years the interval would not fit; nobody waits for the difference.
        let intervalNs = UInt64(min(1e18, 1e9 / maxRate))
        guard let slot = earliestNextNs else {
            earliestNextNs = nowNs &+ intervalNs
            return true
        }
        guard nowNs >= slot else { return false }
        earliestNextNs = (nowNs - slot < intervalNs ? slot : nowNs) &+ intervalNs
        return true
    }
}
