internal import Capture
internal import LinuxIO
internal import Logging
internal import Publishing
internal import Synchronization
internal import Wire

/// What is said about the camera: each change once, on the socket and in the log. The capture thread knows whether frames
/// come, the inference thread whether they can be decoded; the camera is well when both say so.
final class CameraHealth: Sendable {
    /// Nothing but frames that cannot be decoded for so long, and at least so many, are no picture.
    static let corruptNs: UInt64 = 2_000_000_000
    static let corruptFrames = 5

    private struct State {
        var identity = ""
        /// Frames come.
        var isStreaming = false
        /// What was said last, to say nothing twice.
        var told: (state: CameraState, cause: String)?
        var lostAtNs: UInt64?
        var corrupt = 0
        var corruptSinceNs: UInt64 = 0
    }

    private let state = Mutex(State())
    private let log: Logger
    private let publish: @Sendable (CameraEvent) -> Void

    /// - Parameter publish: called under a lock, in the order of the changes.
    init(log: Logger, publish: @escaping @Sendable (CameraEvent) -> Void) {
        self.log = log
        self.publish = publish
    }

    /// The first frame of a camera, or of one that was opened anew.
    func arrived(_ identity: String, notes: [String]) {
        state.withLock { state in
            (state.identity, state.isStreaming, state.corrupt) = (identity, true, 0)
            for note in notes { log.warning("camera \(identity): \(note)") }
            tellWell(&state)
        }
    }

    /// It gives no frames.
    func lost(_ error: CaptureError) {
        state.withLock { state in
            state.isStreaming = false
            tell(&state, .lost, error.message, "camera \(error); waiting for it")
        }
    }

    /// A frame was decoded. Inference thread.
    func decoded() {
        state.withLock { state in
            state.corrupt = 0
            if state.isStreaming { tellWell(&state) }
        }
    }

    /// A frame could not be decoded. Inference thread.
    func corrupted(_ reason: String) {
        state.withLock { state in
            let now = MonotonicClock.now()
            if state.corrupt == 0 { state.corruptSinceNs = now }
            state.corrupt += 1
            guard state.isStreaming, state.corrupt >= CameraHealth.corruptFrames,
                now - state.corruptSinceNs >= CameraHealth.corruptNs
            else { return }
            let cause = "corrupt frames: none of the last \(state.corrupt) can be decoded (\(reason))"
            // The count must not make it news.
            if state.told?.state == .lost, state.told?.cause.hasPrefix("corrupt frames") == true { return }
            tell(&state, .lost, cause, "camera \(state.identity): \(cause)")
        }
    }

    private func tellWell(_ state: inout State) {
        guard state.told?.state != .ok || state.told?.cause != state.identity else { return }
        let after = state.lostAtNs.map { " after \((MonotonicClock.now() - $0) / 1_000_000) ms" } ?? ""
        state.told = (.ok, state.identity)
        state.lostAtNs = nil
        log.info("camera \(state.identity): frames arrive\(after)")
        publish(CameraEvent(state: .ok, cause: state.identity))
    }

    private func tell(_ state: inout State, _ new: CameraState, _ cause: String, _ line: String) {
        guard state.told?.state != new || state.told?.cause != cause else { return }
        if state.told?.state != .lost { state.lostAtNs = MonotonicClock.now() }
        state.told = (new, cause)
        log.warning("\(line)")
        publish(CameraEvent(state: new, cause: cause))
    }
}
