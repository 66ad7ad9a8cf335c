/// One classification: what the network saw in one frame. `{"type":"result",...}` on the wire.
///
/// A subscription may leave fields out; those read back as zero, empty or false.
public struct ResultEvent: Hashable, Sendable {
    /// One class and how sure the network is.
    public struct Candidate: Hashable, Sendable {
        /// Row of the network's output, from 0.
        public var index: Int
        public var label: String
        /// Probability in [0, 1].
        public var score: Double

        public init(index: Int, label: String, score: Double) {
            self.index = index
            self.label = label
            self.score = score
        }
    }

    /// Where the time of one result went, in milliseconds.
    public struct Times: Hashable, Sendable {
        /// From the frame's capture to the moment the result was handed to the socket.
        public var age: Double
        /// Decoding the camera's format.
        public var decode: Double
        /// Cutting and resizing to the network's input.
        public var prepare: Double
        /// The network itself.
        public var infer: Double

        public init(age: Double, decode: Double, prepare: Double, infer: Double) {
            self.age = age
            self.decode = decode
            self.prepare = prepare
            self.infer = infer
        }
    }

    /// Counts results since the daemon started, from 1; strictly increasing, with holes where a client was not sent one.
    public var seq: UInt64
    /// Wall clock when the frame was captured.
    public var timestamp: Timestamp
    /// CLOCK_MONOTONIC when the frame was captured, in nanoseconds.
    public var monotonicNs: UInt64
    /// The source's own frame count.
    public var frame: UInt64
    /// The label the daemon stands by after smoothing.
    public var label: String
    /// Probability of `label`, in [0, 1].
    public var score: Double
    /// Whether `label` has held long enough to be trusted.
    public var stable: Bool
    /// The best classes of this frame, best first.
    public var top: [Candidate]
    public var times: Times
    /// Worker threads that ran the network.
    public var threads: Int
    /// Frames the source lost since the result before.
    public var gap: UInt64

    public init(
        seq: UInt64, timestamp: Timestamp, monotonicNs: UInt64, frame: UInt64, label: String, score: Double,
        stable: Bool, top: [Candidate], times: Times, threads: Int, gap: UInt64
    ) {
        self.seq = seq
        self.timestamp = timestamp
        self.monotonicNs = monotonicNs
        self.frame = frame
        self.label = label
        self.score = score
        self.stable = stable
        self.top = top
        self.times = times
        self.threads = threads
        self.gap = gap
    }
}

/// Which part of a result a client is sent. Clients with equal views share one encoding.
package struct ResultView: Hashable, Sendable {
    /// Most candidates in `top`; nil for all.
    package var topK: Int?
    /// Fields beside `type` and `seq`; nil for all.
    package var fields: Set<Subscription.Field>?

    package init(topK: Int? = nil, fields: Set<Subscription.Field>? = nil) {
        self.topK = topK
        self.fields = fields
    }

    package static let full = ResultView()

    func has(_ field: Subscription.Field) -> Bool { fields?.contains(field) ?? true }
}

extension ResultEvent {
    /// The line for clients that see `view`. Scores have four decimals, times two. Any thread.
    package func encodeLine(view: ResultView = .full) -> [UInt8] {
        var line = JSONLine()
        write(to: &line, view: view)
        return line.finish()
    }

    func write(to line: inout JSONLine, view: ResultView) {
        line.beginObject()
        line.key("type")
        line.string("result")
        line.key("seq")
        line.integer(seq)
        if view.has(.ts) {
            line.key("ts")
            line.string(timestamp.description)
        }
        if view.has(.monoNs) {
            line.key("mono_ns")
            line.integer(monotonicNs)
        }
        if view.has(.frame) {
            line.key("frame")
            line.integer(frame)
        }
        if view.has(.label) {
            line.key("label")
            line.string(label)
        }
        if view.has(.score) {
            line.key("score")
            line.number(score, decimals: 4)
        }
        if view.has(.stable) {
            line.key("stable")
            line.bool(stable)
        }
        if view.has(.top) { writeTop(to: &line, count: view.topK ?? top.count) }
        if view.has(.ms) { writeTimes(to: &line) }
        if view.has(.threads) {
            line.key("threads")
            line.integer(threads)
        }
        if view.has(.gap) {
            line.key("gap")
            line.integer(gap)
        }
        line.endObject()
    }

    private func writeTop(to line: inout JSONLine, count: Int) {
        line.key("top")
        line.beginArray()
        for candidate in top.prefix(max(0, count)) {
            line.beginObject()
            line.key("index")
            line.integer(candidate.index)
            line.key("label")
            line.string(candidate.label)
            line.key("score")
            line.number(candidate.score, decimals: 4)
            line.endObject()
        }
        line.endArray()
    }

    private func writeTimes(to line: inout JSONLine) {
        line.key("ms")
        line.beginObject()
        for (name, value) in [
            ("age", times.age), ("decode", times.decode), ("prepare", times.prepare), ("infer", times.infer),
        ] {
            line.key(name)
            line.number(value, decimals: 2)
        }
        line.endObject()
    }
}
