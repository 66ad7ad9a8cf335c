/// How the scores of single frames become a label that holds. Immutable; `docs/smoothing.md` explains the choice.
package struct SmoothingConfiguration: Hashable, Sendable {
    package enum Method: Hashable, Sendable {
        /// Each frame speaks for itself.
        case none
        /// A moving average whose weight falls to 1/e within `timeConstantMs` milliseconds, whatever the rate.
        case exponential(timeConstantMs: Double)
        /// The share of the last `window` frames that voted for a label, each with its best class.
        case majority(window: Int)
    }

    package var method: Method
    /// A label takes over at this score, in [0, 1].
    package var enter: Double
    /// A label that holds goes only below this score, in [0, `enter`].
    package var leave: Double
    /// Results in a row that must agree before a label is stable; at least 1.
    package var stableAfter: Int
    /// The best class of a frame below this score is no vote, in [0, 1]; the model's own threshold.
    package var unknownBelow: Double
    /// After so many milliseconds without a frame what was before counts no more.
    package var forgetAfterMs: Double

    /// The default time constant: a change shows after 0.1 to 0.2 s, and a single odd frame at 10 a second does not.
    package static let defaultTimeConstantMs = 150.0
    /// Three, as the closest peer's default: at 10 a second a change is believed after 0.3 s.
    package static let defaultStableAfter = 3
    /// A label goes at this share of the score at which it came.
    package static let defaultLeaveShare = 0.8

    /// - Parameters:
    ///   - enter: nil chooses the model's threshold, or half of the votes with `majority`.
    ///   - leave: nil chooses 80 % of `enter`; above `enter` it is lowered to it.
    package init(
        method: Method, enter: Double? = nil, leave: Double? = nil, stableAfter: Int = defaultStableAfter,
        unknownBelow: Double, forgetAfterMs: Double = 5000
    ) {
        self.method = method
        let isVote = if case .majority = method { true } else { false }
        let high = max(0, min(1, enter ?? (isVote ? 0.5 : unknownBelow)))
        self.enter = high
        self.leave = max(0, min(high, leave ?? high * SmoothingConfiguration.defaultLeaveShare))
        self.stableAfter = max(1, stableAfter)
        self.unknownBelow = unknownBelow
        self.forgetAfterMs = forgetAfterMs
    }
}

/// What `tarsier run` was asked for, before the model and the source are known.
package struct SmoothingRequest: Hashable, Sendable {
    /// nil: an exponential average for streams, none for a folder of pictures that have nothing to do with one another.
    package var method: SmoothingConfiguration.Method?
    package var enter: Double?
    package var leave: Double?
    package var stableAfter: Int

    package init(
        method: SmoothingConfiguration.Method? = nil, enter: Double? = nil, leave: Double? = nil,
        stableAfter: Int = SmoothingConfiguration.defaultStableAfter
    ) {
        self.method = method
        self.enter = enter
        self.leave = leave
        self.stableAfter = stableAfter
    }

    func configuration(isStream: Bool, unknownBelow: Float) -> SmoothingConfiguration {
        let usual: SmoothingConfiguration.Method =
            isStream ? .exponential(timeConstantMs: SmoothingConfiguration.defaultTimeConstantMs) : .none
        return SmoothingConfiguration(
            method: method ?? usual, enter: enter, leave: leave, stableAfter: stableAfter,
            unknownBelow: Double(unknownBelow))
    }
}
