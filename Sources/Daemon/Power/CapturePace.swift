internal import LinuxIO
internal import Synchronization

/// What becomes of a live source while nobody is subscribed.
package enum IdleCamera: String, CaseIterable, Sendable {
    /// It stays on and is looked at once a second, so that an unplugged one is noticed: the first result comes with the next frame.
    case slow
    /// Every frame is taken, as if somebody were subscribed.
    case keep
    /// It is switched off after ten seconds: saves the camera's own power, the first result comes some tenths of a second later.
    case stop
}

/// Lets the capture thread sleep while frames are not wanted: nobody is subscribed, or the next inference is not due for a
/// while. Woken by subscribers. Any thread.
final class CapturePace: Sendable {
    /// Sleepers wait on it; raised when somebody subscribed, and for good at the end.
    private let changes = FutexWord()
    private let isStopping = Atomic<Bool>(false)
    /// When the next inference may begin, of the monotonic clock; 0 is now.
    private let dueNs = Atomic<UInt64>(0)
    /// From one inference to the next; 0 for no limit.
    private let periodNs = Atomic<UInt64>(0)
    /// From frame to frame; 0 until it is known.
    private let intervalNs = Atomic<UInt64>(0)

    var frameIntervalNs: UInt64 { intervalNs.load(ordering: .relaxed) }

    /// The inference thread's plan.
    func plan(nextInferenceNs: UInt64, periodNs: UInt64) {
        self.periodNs.store(periodNs, ordering: .relaxed)
        dueNs.store(nextInferenceNs, ordering: .relaxed)
    }

    /// Somebody subscribed or the rate changed: frames may be wanted now.
    func wake() {
        dueNs.store(0, ordering: .relaxed)
        announce()
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        announce()
    }

    private func announce() {
        changes.value.wrappingAdd(1, ordering: .releasing)
        changes.wake()
    }

    /// Sleeps while `isIdle`, at most `limitNs`.
    func rest(limitNs: UInt64?, while isIdle: () -> Bool) {
        let deadline = limitNs.map { MonotonicClock.now() &+ $0 }
        while !isStopping.load(ordering: .acquiring) {
            let seen = changes.value.load(ordering: .acquiring)
            guard isIdle() else { return }
            let now = MonotonicClock.now()
            if let deadline, now >= deadline { return }
            changes.wait(while: seen, timeoutNs: deadline.map { $0 - now })
        }
    }

    /// Sleeps until shortly before an inference wants a frame, where that is several frames away. A frame was just given.
    /// - Parameter intervalNs: from frame to frame; 0 where it is not known.
    /// - Returns: the time until which frames are of no use; nil when it did not sleep.
    func waitUntilWanted(intervalNs: UInt64) -> UInt64? {
        self.intervalNs.store(intervalNs, ordering: .relaxed)
        guard intervalNs > 0 else { return nil }
        let now = MonotonicClock.now()
        // The first frame from here on is nearest to the beat: see Pacer.wantedNs.
        let lead = intervalNs / 2
        let next = dueNs.load(ordering: .relaxed)
        var due = next
        // The frame just given is near enough to the beat to be taken for it, and the beat after it wants another.
        if next > now, next - now <= lead { due = next &+ periodNs.load(ordering: .relaxed) }
        guard due > now, due - now > lead &+ 2 &* intervalNs else { return nil }
        let until = due - lead
        rest(limitNs: until - now) {
            let planned = self.dueNs.load(ordering: .relaxed)
            return planned == next || planned == due
        }
        return MonotonicClock.now()
    }
}

/// Time from frame to frame of a source, from the frames as they come. Capture thread only.
struct FrameInterval {
    private var lastNs: UInt64 = 0
    /// Nanoseconds; 0 until it is known.
    private(set) var valueNs: UInt64 = 0

    /// - Parameter afterPause: the frame before was not the one before it.
    mutating func add(capturedNs: UInt64, afterPause: Bool) {
        defer { lastNs = capturedNs }
        guard lastNs > 0, !afterPause, capturedNs > lastNs else { return }
        let step = capturedNs - lastNs
        guard step < 2_000_000_000 else { return }
        // A frame that came late makes one step long and the next short.
        valueNs = valueNs == 0 ? step : (valueNs * 3 + step) / 4
    }
}
