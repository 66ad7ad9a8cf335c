/// Answers an alarm that is either on or off (under-voltage, contention): one step down while it lasts, one step up when it
/// has been quiet for long enough. A step up that brings the alarm back doubles the wait before the next.
struct StepRegulator: Hashable, Sendable {
    /// 0 is no limit.
    private(set) var level = 0
    private var alarmSince: Double?
    private var quietSince: Double?
    private var changedAt = -Double.infinity
    private var raisedAt = -Double.infinity
    private var patience: Double

    private let deepest: Int
    /// Seconds that the alarm must last, and that a step is given to show.
    private let delay: Double
    private let leastPatience: Double

    init(deepest: Int, delay: Double, patience: Double) {
        self.deepest = deepest
        self.delay = delay
        self.patience = patience
        leastPatience = patience
    }

    /// - Parameters:
    ///   - at: seconds.
    ///   - isAlarmed: nil between off and on, where nothing changes.
    ///   - mayRise: whether there is room for a step up.
    mutating func update(at: Double, isAlarmed: Bool?, mayRise: Bool = true) {
        if isAlarmed == true { alarmSince = alarmSince ?? at } else { alarmSince = nil }
        if isAlarmed == false { quietSince = quietSince ?? at } else { quietSince = nil }
        if let alarmSince, at - alarmSince >= delay, at - changedAt >= max(delay, 5), level < deepest {
            if at - raisedAt < 4 * leastPatience { patience = min(16 * leastPatience, patience * 2) }
            level += 1
            changedAt = at
        } else if let quietSince, mayRise, at - max(quietSince, changedAt) >= patience, level > 0 {
            level -= 1
            changedAt = at
            raisedAt = at
        } else if level == 0 && at - changedAt > 10 * leastPatience {
            patience = leastPatience
        }
    }
}
