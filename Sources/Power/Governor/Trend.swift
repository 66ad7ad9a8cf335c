/// The last minutes of a noisy reading: its level and where it is going. Times are in seconds of the governor's own clock.
struct Trend: Hashable, Sendable {
    /// Seconds that are kept.
    private static let keep = 120.0

    private struct Sample: Hashable, Sendable {
        let at: Double
        let value: Double
    }

    private var samples: [Sample] = []

    mutating func add(_ value: Double, at seconds: Double) {
        // One a second is enough, and bounds what is kept whatever the pace of the calls.
        if let last = samples.last, seconds - last.at < 0.9 { return }
        samples.append(Sample(at: seconds, value: value))
        if let first = samples.firstIndex(where: { seconds - $0.at <= Trend.keep }), first > 0 {
            samples.removeFirst(first)
        }
    }

    mutating func forget() { samples = [] }

    /// Value and change a second of the straight line through the samples from `since` on, at the time of the last one; nil
    /// when they are fewer than 3 or span less than three quarters of `window`.
    func line(window: Double, since: Double = -.infinity) -> (level: Double, slope: Double)? {
        guard let last = samples.last else { return nil }
        let used = samples.filter { $0.at >= max(since, last.at - window) }
        guard used.count >= 3, last.at - used[0].at >= 0.75 * window else { return nil }
        var (sumT, sumV, sumTT, sumTV) = (0.0, 0.0, 0.0, 0.0)
        for sample in used {
            let time = sample.at - last.at
            sumT += time
            sumV += sample.value
            sumTT += time * time
            sumTV += time * sample.value
        }
        let count = Double(used.count)
        let spread = count * sumTT - sumT * sumT
        guard spread > 0 else { return nil }
        let slope = (count * sumTV - sumT * sumV) / spread
        return ((sumV - slope * sumT) / count, slope)
    }

    /// Mean of the last `window` seconds; nil when there is none.
    func mean(window: Double) -> Double? {
        guard let last = samples.last else { return nil }
        let used = samples.filter { $0.at > last.at - window }
        return used.reduce(0) { $0 + $1.value } / Double(used.count)
    }
}
