internal import Graphs
internal import LinuxIO
internal import Tensors
internal import Wire

/// Makes the published result of each inference; keeps the count and the smoothed label. Inference thread only.
struct ResultMaker {
    /// Candidates in `top`.
    static let candidates = 5

    /// Results made so far.
    private(set) var count = 0
    private var smoother: Smoother
    private var lastSequence: UInt64?

    init(_ smoothing: SmoothingConfiguration) { smoother = Smoother(smoothing) }

    /// Another model or another smoothing: what was seen before says nothing of what comes. Numbers go on.
    mutating func begin(_ smoothing: SmoothingConfiguration) { smoother = Smoother(smoothing) }

    /// A frame came in which nothing has changed; no result is made of it.
    mutating func hold(atNs: UInt64) { smoother.hold(atNs: atNs) }

    /// The result, and what is now believed.
    /// - Parameter threads: worker threads that ran the network.
    mutating func result(
        of classifier: Classifier, frame: Frame, times: Classifier.Times, threads: Int
    ) -> (ResultEvent, Smoother.Belief) {
        count += 1
        let belief = smoother.add(classifier.scores, atNs: frame.capturedNs)
        let missed = lastSequence.map { frame.sequence > $0 ? frame.sequence - $0 - 1 : 0 } ?? 0
        lastSequence = frame.sequence
        let now = MonotonicClock.now()
        let ageNs = now > frame.capturedNs ? now - frame.capturedNs : 0
        let labels = classifier.labels
        let result = ResultEvent(
            seq: UInt64(count),
            timestamp: Timestamp(unixMilliseconds: WallClock.unixMilliseconds() - Int64(ageNs / 1_000_000)),
            monotonicNs: frame.capturedNs, frame: frame.sequence,
            label: belief.index.map { labels[$0] } ?? Classifier.unknown, score: belief.score, stable: belief.isStable,
            top: classifier.top(ResultMaker.candidates).map { candidate in
                ResultEvent.Candidate(
                    index: candidate.index, label: labels[candidate.index], score: Double(candidate.score))
            },
            times: ResultEvent.Times(
                age: Double(ageNs) / 1e6, decode: Double(times.decodeNs) / 1e6, prepare: Double(times.prepareNs) / 1e6,
                infer: Double(times.inferNs) / 1e6),
            threads: threads, gap: missed)
        return (result, belief)
    }
}
