#if canImport(Glibc)
internal import Glibc
#endif

/// The scores of all classes over time, by one of the methods. Pure: the caller brings the time.
struct ScoreAverage: Sendable {
    private let method: SmoothingConfiguration.Method
    private let unknownBelow: Double
    /// One per class, in [0, 1].
    private(set) var scores: [Double] = []
    /// The last votes, oldest first at `oldest`; -1 is no vote.
    private var votes: [Int] = []
    private var oldest = 0
    private var lastNs: UInt64?

    init(_ configuration: SmoothingConfiguration) {
        method = configuration.method
        unknownBelow = configuration.unknownBelow
    }

    mutating func forget() {
        (scores, votes, oldest, lastNs) = ([], [], 0, nil)
    }

    /// - Parameters:
    ///   - frame: [classes] the scores of one frame.
    ///   - atNs: when it was taken, monotonic; one that is not after the last counts like the last's moment.
    mutating func add(_ frame: [Float], atNs: UInt64) {
        let isFirst = scores.count != frame.count
        if isFirst {
            forget()
            scores = [Double](repeating: 0, count: frame.count)
        }
        switch method {
        case .none:
            for index in frame.indices { scores[index] = Double(frame[index]) }
        case .exponential(let timeConstantMs):
            let elapsedMs = lastNs.map { atNs > $0 ? Double(atNs - $0) / 1e6 : 0 } ?? 0
            // A weight that depends on the time that has passed, so that the rate may change at any moment.
            let weight = isFirst || timeConstantMs <= 0 ? 1 : 1 - exp(-elapsedMs / timeConstantMs)
            for index in frame.indices { scores[index] += weight * (Double(frame[index]) - scores[index]) }
        case .majority(let window):
            vote(frame, window: max(1, window))
        }
        lastNs = max(lastNs ?? 0, atNs)
    }

    /// A frame like the last, which the average has settled on.
    mutating func hold(atNs: UInt64) { lastNs = max(lastNs ?? 0, atNs) }

    private mutating func vote(_ frame: [Float], window: Int) {
        let best = frame.indices.max { frame[$0] < frame[$1] }
        let vote = best.flatMap { Double(frame[$0]) >= unknownBelow ? $0 : nil } ?? -1
        if votes.count < window {
            votes.append(vote)
        } else {
            votes[oldest] = vote
            oldest = (oldest + 1) % window
        }
        for index in scores.indices { scores[index] = 0 }
        // Over the whole window, also while it fills: the first frame alone is no majority.
        for vote in votes where vote >= 0 { scores[vote] += 1 / Double(window) }
    }
}
