internal import LinuxIO
internal import Publishing
internal import Synchronization
internal import Wire

/// Publishes arrivals and departures. Any thread: the inference thread sees labels, the capture thread loses cameras.
final class Presences: Sendable {
    private let tracker = Mutex(PresenceTracker())
    private let server: ResultServer
    private let labels: [String]

    init(server: ResultServer, labels: [String]) {
        self.server = server
        self.labels = labels
    }

    func add(_ belief: Smoother.Belief, atNs: UInt64, forgetAfterNs: UInt64) {
        // Published under the lock, so that no departure overtakes its arrival; publishing takes a short lock of its own.
        tracker.withLock { tracker in
            for change in tracker.add(belief, atNs: atNs, forgetAfterNs: forgetAfterNs) { publish(change) }
        }
    }

    /// Nothing can be seen any more.
    func end() {
        tracker.withLock { tracker in
            if let change = tracker.end() { publish(change) }
        }
    }

    private func publish(_ change: PresenceTracker.Change) {
        switch change {
        case .enter(let index, let score, let atNs):
            publish(.enter(score: score), index: index, atNs: atNs)
        case .leave(let index, let atNs, let durationNs):
            publish(.leave(durationMs: Double(durationNs) / 1e6), index: index, atNs: atNs)
        }
    }

    private func publish(_ change: PresenceEvent.Change, index: Int, atNs: UInt64) {
        let now = MonotonicClock.now()
        let ageMs = Int64((now > atNs ? now - atNs : 0) / 1_000_000)
        server.publish(
            .presence(
                PresenceEvent(
                    change: change, label: labels[index],
                    timestamp: Timestamp(unixMilliseconds: WallClock.unixMilliseconds() - ageMs), monotonicNs: atNs)))
    }
}
