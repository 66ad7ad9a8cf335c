internal import Synchronization
package import Wire

/// Counts every frame exactly once: captured = inferred + skipped, but for those under way. Any thread.
package final class FrameCounters: Sendable {
    /// Why a frame was not inferred; the names are the contract's.
    package enum Skip: String, CaseIterable, Sendable {
        /// Nothing moved.
        case motion
        /// The rate limit let a newer frame go first.
        case rate
        /// The network was still at work on another.
        case busy
        /// The governor slowed down for heat or power.
        case thermal
        /// It could not be decoded.
        case corrupt
        /// Nobody was subscribed.
        case nobody
    }

    private struct State {
        var captured: UInt64 = 0
        var inferred: UInt64 = 0
        var skipped: [Skip: UInt64] = [:]
        var decodeNs: UInt64 = 0
        var prepareNs: UInt64 = 0
        var inferNs: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func capture() { state.withLock { $0.captured += 1 } }
    package func infer() { state.withLock { $0.inferred += 1 } }

    /// The same, with where its time went.
    package func infer(_ times: Classifier.Times) {
        state.withLock { state in
            state.inferred += 1
            state.decodeNs += times.decodeNs
            state.prepareNs += times.prepareNs
            state.inferNs += times.inferNs
        }
    }

    /// Wall time of all inferences so far, in seconds, by stage.
    package var stageSeconds: [String: Double] {
        state.withLock { state in
            [
                "decode": Double(state.decodeNs) / 1e9, "prepare": Double(state.prepareNs) / 1e9,
                "infer": Double(state.inferNs) / 1e9,
            ]
        }
    }

    package func skip(_ reason: Skip) { state.withLock { $0.skipped[reason, default: 0] += 1 } }

    package func count(of reason: Skip) -> UInt64 { state.withLock { $0.skipped[reason, default: 0] } }

    /// Frames that never got further than the source.
    package func captureAndSkip(_ count: UInt64, _ reason: Skip) {
        guard count > 0 else { return }
        state.withLock { state in
            state.captured += count
            state.skipped[reason, default: 0] += count
        }
    }

    /// All counters at one moment; every reason is named, also those at 0.
    package var snapshot: Status.Frames {
        state.withLock { state in
            Status.Frames(
                captured: state.captured, inferred: state.inferred,
                skipped: Dictionary(
                    uniqueKeysWithValues: Skip.allCases.map { ($0.rawValue, state.skipped[$0, default: 0]) }))
        }
    }
}
