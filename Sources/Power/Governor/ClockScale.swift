/// How much slower inferences are than when the table was made: another clock, a hotter chip. Moves in coarse steps, since
/// everything else is computed from it.
struct ClockScale: Hashable, Sendable {
    private(set) var factor = 1.0
    private var offSince: Double?

    /// Differences below this are noise.
    private static let band = 1.3
    private static let range = 0.2...10.0

    /// - Parameter at: seconds.
    mutating func update(_ inference: Readings.Inference?, _ table: LatencyTable, at: Double) {
        guard let inference, (1...table.rows.count).contains(inference.threads) else { return }
        let expected = table.rows[inference.threads - 1].latencyNs
        let seen = inference.latencyNs / expected
        guard seen > factor * ClockScale.band || seen < factor / ClockScale.band else {
            offSince = nil
            return
        }
        let since = offSince ?? at
        offSince = since
        guard at - since >= 10 else { return }
        factor = min(ClockScale.range.upperBound, max(ClockScale.range.lowerBound, seen))
        offSince = nil
    }
}
