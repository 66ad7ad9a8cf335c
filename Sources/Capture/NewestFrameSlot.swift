import LinuxIO
import Synchronization
package import Tensors

/// Hands frames from the capture thread to the inference thread. Holds at most one; frames are swapped in and out, so their
/// storage goes round and nothing is allocated per frame.
///
/// In `newest` mode a frame that was not taken in time is replaced, and `put` says so: the caller counts it. In `every` mode
/// `put` waits until the last frame was taken: nothing is ever dropped.
package final class NewestFrameSlot: Sendable {
    package enum Mode: Sendable { case newest, every }

    package enum Put: Hashable, Sendable {
        case stored
        /// Stored in place of a frame that nobody took: one dropped.
        case replaced
        /// The slot is closed and the frame was not stored: one dropped.
        case closed
    }

    package enum Take: Hashable, Sendable {
        case frame
        /// There is nothing more to come.
        case closed
        case timedOut
    }

    private struct State {
        var frame = Frame()
        /// When the frame was put, of the monotonic clock.
        var arrivedNs: UInt64 = 0
        /// Frames that arrived before are not what the taker waits for.
        var wantedNs: UInt64 = 0
        var isFull = false
        var isClosed = false
    }

    package let mode: Mode
    private let state = Mutex(State())
    /// Counts changes of `state`; sleepers of both sides wait on it.
    private let changes = FutexWord()

    package init(_ mode: Mode) { self.mode = mode }

    /// Gives a frame away; `frame` gets some older storage back, with stale content. Capture thread only.
    package func put(_ frame: inout Frame) -> Put {
        while true {
            let seen = changes.value.load(ordering: .acquiring)
            var isWanted = true
            let result: Put? = state.withLock { state in
                if state.isClosed { return .closed }
                if state.isFull && mode == .every { return nil }
                swap(&state.frame, &frame)
                state.arrivedNs = MonotonicClock.now()
                isWanted = state.arrivedNs >= state.wantedNs
                defer { state.isFull = true }
                return state.isFull ? .replaced : .stored
            }
            if let result {
                if isWanted { announce() }
                return result
            }
            changes.wait(while: seen)
        }
    }

    /// Waits for a frame, at most `timeoutNs` (nil: no limit), and swaps it into `frame`. Inference thread only.
    /// - Parameter wantedNs: of the monotonic clock: a frame that was put before is left to be replaced, and a frame that comes
    ///   before wakes nobody. Once the slot is closed its last frame is given whenever it came.
    package func take(into frame: inout Frame, putFrom wantedNs: UInt64 = 0, timeoutNs: UInt64? = nil) -> Take {
        let deadline = timeoutNs.map { MonotonicClock.now() &+ $0 }
        while true {
            let seen = changes.value.load(ordering: .acquiring)
            let result: Take? = state.withLock { state in
                state.wantedNs = wantedNs
                if state.isFull && (state.isClosed || state.arrivedNs >= wantedNs) {
                    swap(&state.frame, &frame)
                    state.isFull = false
                    return .frame
                }
                return state.isClosed ? .closed : nil
            }
            if let result {
                // Who puts waits for room in this mode alone.
                if result == .frame && mode == .every { announce() }
                return result
            }
            guard let deadline else {
                changes.wait(while: seen)
                continue
            }
            let now = MonotonicClock.now()
            if now >= deadline { return .timedOut }
            changes.wait(while: seen, timeoutNs: deadline - now)
        }
    }

    /// Throws away a frame that nobody took.
    /// - Returns: whether there was one: one dropped. Capture thread only.
    package func discard() -> Bool {
        state.withLock { state in
            defer { state.isFull = false }
            return state.isFull
        }
    }

    /// Ends the hand-off and wakes both sides. A frame that waits is still given out, unless `discarding`.
    /// - Returns: whether a waiting frame was dropped. Any thread; more than once is allowed.
    @discardableResult
    package func close(discarding: Bool = false) -> Bool {
        let dropped = state.withLock { state in
            state.isClosed = true
            defer { if discarding { state.isFull = false } }
            return discarding && state.isFull
        }
        announce()
        return dropped
    }

    private func announce() {
        changes.value.wrappingAdd(1, ordering: .releasing)
        changes.wake()
    }
}
