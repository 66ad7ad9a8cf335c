import Foundation

/// A daemon at one moment of a soak.
struct SoakSample {
    let seconds: Double
    let residentBytes: Int
    /// Of these what no file holds: the heap and the stacks. The rest comes and goes with what the machine keeps of files.
    let anonymousBytes: Int
    let descriptors: Int
    let threads: Int
    let inferred: UInt64
    /// Median delay of results since the sample before.
    let delayMs: Double
    /// That of the quickest tenth, which other programs on the machine disturb least.
    let leastDelayMs: Double
}

/// What the samples of a soak say: slopes with their intervals, by least squares.
struct SoakReport {
    /// Without the first third: pools and caches fill up once.
    private let samples: ArraySlice<SoakSample>
    private let days: Double
    private let residentSlope: Slope
    private let anonymousSlope: Slope
    private let delaySlope: Slope

    init(_ all: [SoakSample], usualRate: Double, inferred: UInt64) {
        samples = all.dropFirst(all.count / 3)
        days = Double(inferred) / usualRate / 86_400
        let seconds = samples.map(\.seconds)
        residentSlope = Slope(seconds, samples.map { Double($0.residentBytes) / 1024 })
        anonymousSlope = Slope(seconds, samples.map { Double($0.anonymousBytes) / 1024 })
        delaySlope = Slope(seconds, samples.map(\.leastDelayMs))
    }

    /// Simulated days that pass in a second.
    private var daysPerSecond: Double { days / max(samples.last?.seconds ?? 1, 1) }

    var lines: [String] {
        guard let first = samples.first, let last = samples.last else { return ["no samples"] }
        return [
            "time       \(number(last.seconds / 60)) minutes, \(last.inferred) inferences: \(number(days)) days of use, "
                + "\(samples.count) samples after the first third",
            memory("resident  ", \.residentBytes, residentSlope),
            memory("anonymous ", \.anonymousBytes, anonymousSlope),
            "files      \(extent(\.descriptors)) open; threads \(extent(\.threads))",
            "delay      median \(number(first.delayMs)) to \(number(last.delayMs)) ms; quickest tenth "
                + "\(number(first.leastDelayMs)) to \(number(last.leastDelayMs)) ms, \(number(delaySlope.value * 3600)) ms an hour (95 %: \(number(delaySlope.low * 3600)) to "
                + "\(number(delaySlope.high * 3600)))",
        ]
    }

    private func number(_ value: Double) -> String { String(format: "%.2f", value) }

    private func memory(_ name: String, _ path: KeyPath<SoakSample, Int>, _ slope: Slope) -> String {
        let values = samples.map { $0[keyPath: path] / 1024 }
        return
            "\(name) \(values.min() ?? 0) to \(values.max() ?? 0) KiB, \(number(slope.value / daysPerSecond)) KiB a day of use "
            + "(95 %: \(number(slope.low / daysPerSecond)) to \(number(slope.high / daysPerSecond)))"
    }

    private func extent(_ path: KeyPath<SoakSample, Int>) -> String {
        let values = samples.map { $0[keyPath: path] }
        guard let low = values.min(), let high = values.max() else { return "none" }
        return low == high ? "\(low)" : "\(low) to \(high)"
    }

    /// The most that memory can grow by what was seen, at the upper end of the 95 % interval.
    var mostGrowth: String { number(max(0, anonymousSlope.high / daysPerSecond)) + " KiB a day of use" }

    /// What grows, in words; empty where nothing does.
    func growth(kibibytesPerDay: Double) -> [String] {
        var found: [String] = []
        if samples.count < 20 { found.append("only \(samples.count) samples: run it for longer") }
        // Growth is believed where even the lower end of the interval is above nothing, and matters above the limit.
        if anonymousSlope.low > 0, anonymousSlope.high / daysPerSecond > kibibytesPerDay {
            found.append("memory grows by \(number(anonymousSlope.value / daysPerSecond)) KiB a day of use")
        }
        let half = samples.count / 2
        for (name, path) in [("open files", \SoakSample.descriptors), ("threads", \.threads)] {
            let early = samples.prefix(half).map { $0[keyPath: path] }.max() ?? 0
            let late = samples.suffix(half).map { $0[keyPath: path] }.min() ?? 0
            if late > early { found.append("\(name) grow from \(early) to \(late)") }
        }
        if delaySlope.low > 0,
            delaySlope.value * (samples.last?.seconds ?? 0) > 0.5 * (samples.first?.leastDelayMs ?? 0)
        {
            found.append("results come later and later: \(delaySlope.value * 3600) ms an hour")
        }
        return found
    }
}

/// Slope of a line through points, with its 95 % interval.
struct Slope {
    let value: Double
    let low: Double
    let high: Double

    init(_ x: [Double], _ y: [Double]) {
        let count = Double(x.count)
        guard x.count > 2 else {
            (value, low, high) = (0, -.infinity, .infinity)
            return
        }
        let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
        let spread = x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
        let slope = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / max(spread, .leastNonzeroMagnitude)
        let residual = zip(x, y).reduce(0) { sum, point in
            let error = point.1 - meanY - slope * (point.0 - meanX)
            return sum + error * error
        }
        let margin = 1.98 * (residual / (count - 2) / max(spread, .leastNonzeroMagnitude)).squareRoot()
        (value, low, high) = (slope, slope - margin, slope + margin)
    }
}
