internal import Graphs
internal import LinuxIO
internal import Tensors
internal import Wire

/// Makes the published result of each inference; keeps the count and the label's stability. Inference thread only.
struct ResultMaker {
    /// Candidates in `top`.
    static let candidates = 5

    /// Results made so far.
    private(set) var count = 0
    private let threads: Int
    private var stability = LabelStability()
    private var lastSequence: UInt64?

    init(threads: Int) { self.threads = threads }

    mutating func result(of classifier: Classifier, frame: Frame, times: Classifier.Times) -> ResultEvent {
        count += 1
        let top = classifier.top(ResultMaker.candidates)
        let best = top[0]
        let label = classifier.label(of: best)
        let missed = lastSequence.map { frame.sequence > $0 ? frame.sequence - $0 - 1 : 0 } ?? 0
        lastSequence = frame.sequence
        let now = MonotonicClock.now()
        let ageNs = now > frame.capturedNs ? now - frame.capturedNs : 0
        return ResultEvent(
            seq: UInt64(count),
            timestamp: Timestamp(unixMilliseconds: WallClock.unixMilliseconds() - Int64(ageNs / 1_000_000)),
            monotonicNs: frame.capturedNs, frame: frame.sequence, label: label, score: Double(best.score),
            stable: stability.add(label),
            top: top.map { candidate in
                ResultEvent.Candidate(
                    index: candidate.index, label: classifier.labels[candidate.index],
                    score: Double(candidate.score))
            },
            times: ResultEvent.Times(
                age: Double(ageNs) / 1e6, decode: Double(times.decodeNs) / 1e6, prepare: Double(times.prepareNs) / 1e6,
                infer: Double(times.inferNs) / 1e6),
            threads: threads, gap: missed)
    }
}
