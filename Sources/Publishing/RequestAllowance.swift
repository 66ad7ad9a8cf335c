/// How many requests one client may ask now. Refills evenly; a client that has none left waits, it is not refused.
struct RequestAllowance {
    private let intervalNs: UInt64
    private let burst: UInt64
    /// When all allowance would be back, in nanoseconds.
    private var fullAtNs: UInt64 = 0

    /// - Parameter perSecond: at least 1; also the size of a burst.
    init(perSecond: Int) {
        burst = UInt64(max(1, perSecond))
        intervalNs = 1_000_000_000 / burst
    }

    func isOpen(nowNs: UInt64) -> Bool {
        fullAtNs <= nowNs + (burst - 1) * intervalNs
    }

    mutating func spend(nowNs: UInt64) {
        fullAtNs = max(fullAtNs, nowNs) + intervalNs
    }

    /// When one more request may be asked, in nanoseconds.
    var opensAtNs: UInt64 { fullAtNs - min(fullAtNs, (burst - 1) * intervalNs) }
}
