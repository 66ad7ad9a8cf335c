package import Imaging

/// Decides which frames are inferred: those in which something moved since the last one that was, those until the label has
/// settled, and one a heartbeat. Pure: the caller brings pictures and times.
package struct FrameGate: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Something moved, or nothing is known of what was before.
        case moved
        /// Nothing moves, but the label is not yet what such frames make of it.
        case settling
        /// Nothing has moved for the heartbeat's time.
        case heartbeat
        /// Not worth an inference: the last result stands.
        case still

        package var isInferred: Bool { self != .still }
    }

    private let configuration: GateConfiguration
    private var detector: MotionDetector
    /// Of the last frame that was inferred; nil when there is none to compare with.
    private var reference: LumaGrid?
    private var inferredNs: UInt64 = 0
    private var lookedNs: UInt64 = 0
    /// The last frame that moved.
    private var movedNs: UInt64 = 0
    /// Inferred since then.
    private var settled = 0
    /// Whether a result that contradicts the label has already been followed up.
    private var isFollowedUp = false

    package init(_ configuration: GateConfiguration) {
        self.configuration = configuration
        detector = MotionDetector(configuration.sensitivity)
    }

    /// What was before says nothing of what comes: another camera, another model.
    package mutating func reset() { reference = nil }

    /// Looks while frames are inferred anyway: often enough to see that it still moves, and next to nothing beside the inferences.
    private static let lookIntervalNs: UInt64 = 200_000_000

    /// Whether this frame is to be judged; else it is inferred without a look.
    package func needsLook(atNs: UInt64) -> Bool {
        guard reference != nil, isSettling(atNs) else { return true }
        return atNs < lookedNs || atNs - lookedNs >= FrameGate.lookIntervalNs
    }

    private func isSettling(_ atNs: UInt64) -> Bool {
        settled < configuration.settleFrames || (atNs > movedNs ? atNs - movedNs : 0) < configuration.settleNs
    }

    /// - Parameters:
    ///   - grid: of this frame; nil where it cannot be judged.
    ///   - atNs: when it was taken, monotonic.
    package mutating func judge(_ grid: LumaGrid?, atNs: UInt64) -> Verdict {
        lookedNs = atNs
        guard let grid, let reference else {
            begin(atNs)
            return .moved
        }
        if detector.compare(reference, grid).moved {
            begin(atNs)
            return .moved
        }
        if isSettling(atNs) { return .settling }
        return atNs > inferredNs && atNs - inferredNs >= configuration.heartbeatNs ? .heartbeat : .still
    }

    private mutating func begin(_ atNs: UInt64) { (movedNs, settled, isFollowedUp) = (atNs, 0, false) }

    /// The frame was inferred.
    /// - Parameter agrees: whether its own best class is the label that is believed; else more frames are needed, though nothing was
    ///   seen to move.
    package mutating func inferred(_ grid: LumaGrid?, atNs: UInt64, agrees: Bool) {
        let wasSettled = settled >= configuration.settleFrames
        (reference, inferredNs) = (grid, atNs)
        settled += 1
        guard wasSettled else { return }
        // Once: a scene between two classes would keep the network awake for ever.
        if !agrees, !isFollowedUp { begin(atNs) }
        isFollowedUp = !agrees
    }

    /// A frame was inferred that was not looked at; the one to compare with stays.
    package mutating func inferredUnseen(atNs: UInt64) {
        inferredNs = atNs
        settled += 1
    }

    /// Nothing has moved for so long that fewer looks will do; the most a second, nil where every frame is looked at.
    package func restingRate(nowNs: UInt64) -> Double? {
        guard let rest = configuration.rest, reference != nil, nowNs > movedNs, nowNs - movedNs >= rest.afterNs else {
            return nil
        }
        return rest.rate
    }
}
