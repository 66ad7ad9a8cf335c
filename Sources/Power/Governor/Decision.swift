/// Where the daemon works from now on, and why.
package struct Decision: Hashable, Sendable {
    /// Threads of one inference, at least 1.
    package var threads: Int
    /// Most inferences a second, above 0; nil for as many as come.
    package var rate: Double?
    package var cause: Cause

    package init(threads: Int, rate: Double?, cause: Cause) {
        self.threads = threads
        self.rate = rate
        self.cause = cause
    }

    /// Whether it is the same working point for the same kind of cause: then nobody needs to be told.
    package func isSame(as other: Decision) -> Bool {
        threads == other.threads && rate == other.rate && cause.kind == other.cause.kind
    }
}

/// Why a working point was chosen.
package enum Cause: Hashable, Sendable {
    /// The work asked for, with the fewest threads that do it.
    case demand
    /// The work asked for, with as many threads as were asked for.
    case fixed
    /// As many inferences as come, with the threads that are fastest.
    case fastest
    /// Even the fastest number of threads does not keep up, or misses the deadline.
    case tooSlow
    case heat(celsius: Double?, limit: Double)
    case throttled
    case undervoltage
    case contention(share: Double)
    case battery(percent: Double?)
    case quota(cpus: Double)
    case cpuPercent(limit: Double)
    case watts(measured: Double, limit: Double)

    /// One word, for metrics and scripts; the set may grow.
    package var kind: String {
        switch self {
        case .demand, .fixed, .fastest: "demand"
        case .tooSlow: "too_slow"
        case .heat: "heat"
        case .throttled: "throttled"
        case .undervoltage: "undervoltage"
        case .contention: "contention"
        case .battery: "battery"
        case .quota: "quota"
        case .cpuPercent: "cpu_percent"
        case .watts: "watts"
        }
    }

    /// Whether the daemon does less than was asked for.
    package var isReduction: Bool {
        switch self {
        case .demand, .fixed, .fastest, .tooSlow: false
        default: true
        }
    }

    /// For people.
    package var text: String {
        switch self {
        case .demand: "auto: fewest threads that keep up with the rate"
        case .fixed: "fixed by --threads"
        case .fastest: "rate max: lowest latency measured"
        case .tooSlow: "auto: no number of threads keeps up with the rate, the fastest is taken"
        case .heat(nil, let limit): "too hot, limit \(Cause.number(limit)) C"
        case .heat(let celsius?, let limit): "\(Cause.number(celsius)) C, limit \(Cause.number(limit)) C"
        case .throttled: "the firmware or the kernel slows the CPU down"
        case .undervoltage: "under-voltage: the power supply is too weak"
        case .contention(let share): "others need the CPU: waited \(Cause.number(share * 100)) % of the time for one"
        case .battery(nil): "on battery"
        case .battery(let percent?): "on battery, \(Cause.number(percent)) %"
        case .quota(let cpus): "the control group grants \(Cause.number(cpus)) CPUs"
        case .cpuPercent(let limit): "--max-cpu-percent \(Cause.number(limit))"
        case .watts(let measured, let limit): "\(Cause.number(measured)) W, limit \(Cause.number(limit)) W"
        }
    }

    /// At most two decimals below 10 and one above.
    static func number(_ value: Double) -> String {
        guard value.isFinite, value.magnitude < 1e9 else { return "?" }
        let scale = value.magnitude < 10 ? 100.0 : 10.0
        let rounded = (value * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
