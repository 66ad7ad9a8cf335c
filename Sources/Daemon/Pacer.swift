internal import LinuxIO

/// Spaces inferences so that they do not exceed a rate. One thread.
struct Pacer {
    /// Nanoseconds between two; 0 does not wait.
    private(set) var periodNs: UInt64
    private var rate: Double?
    private var dueNs: UInt64 = 0

    /// - Parameter rate: inferences a second; nil for no limit.
    init(rate: Double?) {
        self.rate = rate
        periodNs = Pacer.period(rate)
    }

    private static func period(_ rate: Double?) -> UInt64 { rate.map { UInt64(min(1e18, 1e9 / $0)) } ?? 0 }

    /// Another rate from the last inference on.
    mutating func change(rate: Double?) {
        guard rate != self.rate else { return }
        let begun = dueNs &- min(dueNs, periodNs)
        self.rate = rate
        periodNs = Pacer.period(rate)
        dueNs = dueNs == 0 ? 0 : begun &+ periodNs
    }

    /// Nanoseconds to wait from `nowNs` until the next inference may begin.
    func delay(nowNs: UInt64) -> UInt64 { dueNs > nowNs ? dueNs - nowNs : 0 }

    /// When the next inference is due, of the monotonic clock.
    var nextNs: UInt64 { dueNs }

    /// From when on a frame is taken for the next inference: the frame nearest to the beat, so that none waits for it. Half an
    /// interval early at most; the beat is kept, and with it the rate.
    /// - Parameter intervalNs: from frame to frame; 0 where it is not known.
    func wantedNs(intervalNs: UInt64) -> UInt64 { dueNs &- min(dueNs, min(intervalNs, periodNs) / 2) }

    /// An inference begins now. Keeps the beat when it is a little late, and starts a new one when it is more than a
    /// period late, so that a pause is not followed by a burst.
    mutating func begin(nowNs: UInt64) {
        let next = dueNs &+ periodNs
        dueNs = next > nowNs ? next : nowNs &+ periodNs
    }
}
