/// From the scores of single frames to a label that holds: average, two thresholds, "so many in a row". Pure.
package struct Smoother: Sendable {
    /// What is believed after a frame.
    package struct Belief: Hashable, Sendable {
        /// The class; nil is unknown.
        package let index: Int?
        /// Its averaged score, of the best class where the class is unknown; in [0, 1].
        package let score: Double
        /// Whether it has held for `stableAfter` results.
        package let isStable: Bool
        /// Moment of the first frame of the run of results that agree, in nanoseconds.
        package let sinceNs: UInt64
    }

    private let configuration: SmoothingConfiguration
    private var average: ScoreAverage
    private var holder: Int?
    /// Results in a row that agree with `holder`.
    private var run = 0
    private var sinceNs: UInt64 = 0
    private var lastNs: UInt64?

    package init(_ configuration: SmoothingConfiguration) {
        self.configuration = configuration
        average = ScoreAverage(configuration)
    }

    /// - Parameters:
    ///   - scores: [classes] of one frame, each in [0, 1]; not empty, always as many.
    ///   - atNs: when the frame was taken, by a monotonic clock.
    package mutating func add(_ scores: [Float], atNs: UInt64) -> Belief {
        if let lastNs, atNs > lastNs, Double(atNs - lastNs) / 1e6 > configuration.forgetAfterMs { forget() }
        lastNs = atNs
        average.add(scores, atNs: atNs)
        let next = choose()
        if run == 0 || next != holder {
            (run, sinceNs) = (0, atNs)
            holder = next
        }
        run = min(run + 1, configuration.stableAfter)
        return Belief(
            index: holder, score: score(of: holder), isStable: run >= configuration.stableAfter, sinceNs: sinceNs)
    }

    /// A frame was taken and looks like the last one that was added: what is believed holds on, however long no other comes, and
    /// the next one weighs what a single frame weighs.
    package mutating func hold(atNs: UInt64) {
        guard let lastNs, atNs > lastNs else { return }
        self.lastNs = atNs
        average.hold(atNs: atNs)
    }

    /// Hysteresis: the holder stays down to the low threshold, and a challenger needs the high one.
    private func choose() -> Int? {
        let scores = average.scores
        guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { return nil }
        if scores[best] >= configuration.enter, run == 0 || scores[best] > score(of: holder) || !holds { return best }
        return holds ? holder : nil
    }

    private var holds: Bool {
        guard let holder, run > 0 else { return false }
        return average.scores[holder] >= configuration.leave
    }

    private func score(of index: Int?) -> Double {
        let score = index.map { average.scores[$0] } ?? average.scores.max() ?? 0
        return min(1, max(0, score))
    }

    private mutating func forget() {
        average.forget()
        (holder, run) = (nil, 0)
    }
}
