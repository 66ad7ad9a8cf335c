/// What the values of a float graph were on the calibration pictures. Adding pictures in any order, on any number of
/// threads, gives the same observations: counts, least and largest elements, and figures kept picture by picture.
struct Observations: Sendable {
    /// Of every value.
    var histograms: [Histogram]
    /// Least and largest element of each channel, by value.
    var lows: [[Float]]
    var highs: [[Float]]
    /// By picture number.
    var pictures: [Int: Picture] = [:]

    /// One picture.
    struct Picture: Sendable {
        /// Least and largest element of each value.
        var lows: [Float]
        var highs: [Float]
        var logits: [Float]
    }

    /// - Parameter channels: of every value.
    init(channels: [Int]) {
        histograms = channels.map { _ in Histogram() }
        lows = channels.map { [Float](repeating: .infinity, count: $0) }
        highs = channels.map { [Float](repeating: -.infinity, count: $0) }
    }

    mutating func add(_ other: Observations) {
        for value in histograms.indices {
            if other.histograms[value].total > 0 { histograms[value].add(other.histograms[value]) }
            for c in lows[value].indices {
                lows[value][c] = min(lows[value][c], other.lows[value][c])
                highs[value][c] = max(highs[value][c], other.highs[value][c])
            }
        }
        pictures.merge(other.pictures) { first, _ in first }
    }
}
