internal import LinuxIO
internal import Publishing
internal import Synchronization
internal import Wire

/// Publishes arrivals and departures. Any thread: the inference thread sees labels, the capture thread loses cameras.
final class Presences: Sendable {
    private struct State {
        var tracker = PresenceTracker()
        var labels: [String]
    }

    private let state: Mutex<State>
    private let server: ResultServer

    init(server: ResultServer, labels: [String]) {
        self.server = server
        state = Mutex(State(labels: labels))
    }

    /// Another model: what was present goes, under its old name.
    func begin(labels: [String]) {
        end()
        state.withLock { $0.labels = labels }
    }

    func add(_ belief: Smoother.Belief, atNs: UInt64, forgetAfterNs: UInt64) {
        // Published under the lock, so that no departure overtakes its arrival; publishing takes a short lock of its own.
        state.withLock { state in
            for change in state.tracker.add(belief, atNs: atNs, forgetAfterNs: forgetAfterNs) {
                publish(change, state.labels)
            }
        }
    }

    /// A frame came in which nothing has changed.
    func hold(atNs: UInt64) { state.withLock { $0.tracker.hold(atNs: atNs) } }

    /// Nothing can be seen any more.
    func end() {
        state.withLock { state in
            if let change = state.tracker.end() { publish(change, state.labels) }
        }
    }

    private func publish(_ change: PresenceTracker.Change, _ labels: [String]) {
        switch change {
        case .enter(let index, let score, let atNs):
            publish(.enter(score: score), label: labels[index], atNs: atNs)
        case .leave(let index, let atNs, let durationNs):
            publish(.leave(durationMs: Double(durationNs) / 1e6), label: labels[index], atNs: atNs)
        }
    }

    private func publish(_ change: PresenceEvent.Change, label: String, atNs: UInt64) {
        let now = MonotonicClock.now()
        let ageMs = Int64((now > atNs ? now - atNs : 0) / 1_000_000)
        server.publish(
            .presence(
                PresenceEvent(
                    change: change, label: label,
                    timestamp: Timestamp(unixMilliseconds: WallClock.unixMilliseconds() - ageMs), monotonicNs: atNs)))
    }
}
