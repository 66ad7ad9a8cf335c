/// Keeps a measured quantity that follows the load at once (watts, CPU time) below a limit, by limiting the CPU time used.
struct ShareRegulator: Hashable, Sendable {
    /// CPUs; nil while there is no need for a limit.
    private(set) var cap: Double?
    private var trend = Trend()
    private var changedAt = -Double.infinity

    /// Seconds over which the quantity is averaged, and that a change is given to show.
    private static let window = 10.0

    /// - Parameters:
    ///   - at: seconds.
    ///   - measured: nil where there is no reading.
    ///   - used: CPUs the daemon uses now.
    ///   - wanted: CPUs it would use without a limit.
    ///   - floor: CPUs below which there is no point in cutting.
    mutating func update(at: Double, measured: Double?, limit: Double, used: Double, wanted: Double, floor: Double) {
        guard let measured else { return }
        trend.add(measured, at: at)
        guard at - changedAt >= ShareRegulator.window, let mean = trend.mean(window: ShareRegulator.window - 2) else {
            return
        }
        let now = min(used, cap ?? .infinity)
        if mean > 1.02 * limit && now > floor {
            cap = max(floor, now * max(0.3, 0.98 * limit / mean))
            changedAt = at
        } else if let cap, mean < 0.92 * limit {
            // Not what holds the load down: then there is no telling what more of it would cost.
            guard used >= 0.8 * cap || cap >= wanted else { return }
            let raised = cap * min(1.5, 0.97 * limit / max(mean, 1e-9))
            self.cap = raised >= wanted ? nil : raised
            changedAt = at
        }
    }

    /// Begins with a limit that is known beforehand.
    mutating func begin(cap: Double) { if self.cap == nil { self.cap = cap } }
}
