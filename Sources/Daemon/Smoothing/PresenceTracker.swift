/// Turns beliefs into arrivals and departures: one label is present at a time, and only a stable belief changes which. Pure.
package struct PresenceTracker: Sendable {
    package enum Change: Hashable, Sendable {
        /// - atNs: the first frame of the run that made it stable.
        case enter(index: Int, score: Double, atNs: UInt64)
        /// - atNs: the first frame of the run that ended it.
        /// - durationNs: since its `enter`.
        case leave(index: Int, atNs: UInt64, durationNs: UInt64)
    }

    private var present: (index: Int, sinceNs: UInt64)?
    /// No change may be dated before this one.
    private var floorNs: UInt64 = 0
    private var lastNs: UInt64 = 0

    package init() {}

    /// - Parameter forgetAfterNs: after a longer pause the label counts as gone since the last frame that came.
    package mutating func add(_ belief: Smoother.Belief, atNs: UInt64, forgetAfterNs: UInt64) -> [Change] {
        var changes: [Change] = []
        if atNs > lastNs, atNs - lastNs > forgetAfterNs, let gone = end() { changes.append(gone) }
        lastNs = max(lastNs, atNs)
        guard belief.isStable, belief.index != present?.index else { return changes }
        let momentNs = max(belief.sinceNs, floorNs)
        if let gone = leave(atNs: momentNs) { changes.append(gone) }
        if let index = belief.index {
            (present, floorNs) = ((index, momentNs), momentNs)
            changes.append(.enter(index: index, score: belief.score, atNs: momentNs))
        }
        return changes
    }

    /// A frame came that looks like the last one that was added.
    package mutating func hold(atNs: UInt64) { lastNs = max(lastNs, atNs) }

    /// Nothing can be seen any more: what is present is gone since the last frame.
    package mutating func end() -> Change? { leave(atNs: max(lastNs, floorNs)) }

    private mutating func leave(atNs: UInt64) -> Change? {
        guard let (index, sinceNs) = present else { return nil }
        (present, floorNs) = (nil, max(atNs, sinceNs))
        return .leave(index: index, atNs: floorNs, durationNs: floorNs - sinceNs)
    }
}
