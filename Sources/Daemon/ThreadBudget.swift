internal import Engine
internal import LinuxIO

/// How many threads an inference gets, and why.
struct ThreadBudget: Hashable, Sendable {
    let threads: Int
    /// For people.
    let cause: String

    /// An inference may take this share of the time between two, so that decoding, publishing and other programs fit.
    static let share = 0.5

    /// The fewest threads whose median latency fits the rate; more threads than that cost watts and gain nothing.
    /// - Parameters:
    ///   - rate: inferences a second; nil asks for as many as possible.
    ///   - latencies: median nanoseconds of an inference with 1, 2, ... threads; not empty.
    static func fewest(rate: Double?, latencies: [UInt64]) -> ThreadBudget {
        guard let rate else {
            let best = latencies.indices.min { latencies[$0] < latencies[$1] } ?? 0
            return ThreadBudget(threads: best + 1, cause: "rate max: lowest latency measured")
        }
        let deadline = share * 1e9 / rate
        if let fitting = latencies.firstIndex(where: { Double($0) <= deadline }) {
            return ThreadBudget(threads: fitting + 1, cause: "auto: fewest threads that keep up with the rate")
        }
        let best = latencies.indices.min { latencies[$0] < latencies[$1] } ?? 0
        return ThreadBudget(
            threads: best + 1, cause: "auto: no number of threads keeps up with the rate, the fastest is taken")
    }

    /// Measures a session; takes a few inferences for each number of threads that is worth asking for.
    static func measured(_ session: Session, rate: Double?) -> ThreadBudget {
        var latencies: [UInt64] = []
        for threads in 1...session.maxThreads {
            latencies.append(InferenceBench(session, threads: threads, runs: 5, warmUp: 2).percentile(0.5))
            let budget = fewest(rate: rate, latencies: latencies)
            if rate != nil, Double(latencies[threads - 1]) <= share * 1e9 / (rate ?? 1) { return budget }
        }
        return fewest(rate: rate, latencies: latencies)
    }
}
