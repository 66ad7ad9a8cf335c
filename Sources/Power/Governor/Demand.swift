/// What is wanted of the daemon.
package struct Demand: Hashable, Sendable {
    package enum Threads: Hashable, Sendable {
        case automatic
        /// At least 1; the governor then changes the rate alone.
        case fixed(Int)
    }

    /// Inferences a second; nil is as many as the source and the CPU allow.
    package var rate: Double?
    /// From the picture to its labels, in nanoseconds; nil asks only that inferences keep up with the rate.
    package var deadlineNs: Double?
    package var threads: Threads
    /// Whether anybody wants results now.
    package var isWanted: Bool
    /// Who asked for this working point, for people; nil for the command line.
    package var origin: String?

    package init(
        rate: Double?, deadlineNs: Double? = nil, threads: Threads = .automatic, isWanted: Bool = true,
        origin: String? = nil
    ) {
        self.rate = rate
        self.deadlineNs = deadlineNs
        self.threads = threads
        self.isWanted = isWanted
        self.origin = origin
    }
}

/// What the daemon must not exceed; nil is no limit of the user's.
package struct PowerLimits: Hashable, Sendable {
    /// Degrees; where nil, 5 below the kernel's own passive trip point, or 75.
    package var maxTemperatureCelsius: Double?
    /// Percent of one CPU, as `top` shows it: 150 is one and a half.
    package var maxCPUPercent: Double?
    /// Of what the meter measures.
    package var maxWatts: Double?

    package init(
        maxTemperatureCelsius: Double? = nil, maxCPUPercent: Double? = nil, maxWatts: Double? = nil
    ) {
        self.maxTemperatureCelsius = maxTemperatureCelsius
        self.maxCPUPercent = maxCPUPercent
        self.maxWatts = maxWatts
    }

    /// Inferences a second below which nothing but the demand itself brings the daemon: it never stops silently.
    package static let floorRate = 0.5
    /// Where neither the user nor the kernel names a limit: 5 degrees before a Raspberry Pi slows itself down.
    package static let defaultTemperatureCelsius = 75.0
}
