/// Less work on battery, and still less as it empties. With hysteresis, so that a gauge that wavers changes nothing.
struct SupplyPolicy: Hashable, Sendable {
    private var share = 1.0
    private var candidate = 1.0
    private var since = 0.0

    /// Seconds that a change must last.
    private static let delay = 5.0

    /// - Parameter at: seconds.
    /// - Returns: the share of the rate asked for; nil for all of it.
    mutating func update(_ supply: Supply?, at: Double) -> Double? {
        let next = aim(supply)
        if next != candidate { (candidate, since) = (next, at) }
        if candidate != share && at - since >= SupplyPolicy.delay { share = candidate }
        return share < 1 ? share : nil
    }

    private func aim(_ supply: Supply?) -> Double {
        guard let supply, supply.isOnBattery else { return 1 }
        let percent = supply.percent ?? 100
        let steps: [(below: Double, share: Double)] = [(10, 0.1), (20, 0.25), (50, 0.5)]
        // Who is below a step comes back above it only 3 percent higher.
        for step in steps where percent < step.below + (share <= step.share ? 3 : 0) { return step.share }
        return 0.75
    }
}
