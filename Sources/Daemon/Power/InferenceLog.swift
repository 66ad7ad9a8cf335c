internal import LinuxIO
internal import Power
internal import Synchronization

/// What inferences took since the governor last looked, and the bell that ends its pause. Inference thread in, governor's
/// thread out.
final class InferenceLog: Sendable {
    private struct State {
        /// The shortest of late: one that lost its core says nothing about the clock.
        var shortest: Readings.Inference?
        /// CPU time of all since `take`, in nanoseconds.
        var workNs = 0.0
        /// The work that rings; nil for none.
        var limitNs: Double?
    }

    private let state = Mutex(State())
    /// The governor's thread sleeps on it.
    let changes = FutexWord()

    func add(threads: Int, times: Classifier.Times) {
        let (latency, preparation) = (Double(times.inferNs), Double(times.decodeNs + times.prepareNs))
        let isTooMuch = state.withLock { state in
            var shortest = Readings.Inference(threads: threads, latencyNs: latency, preparationNs: preparation)
            if let before = state.shortest, before.threads == threads {
                shortest.latencyNs = min(before.latencyNs, latency)
                shortest.preparationNs = min(before.preparationNs, preparation)
            }
            state.shortest = shortest
            state.workNs += latency * Double(threads) + preparation
            guard let limit = state.limitNs, state.workNs > limit else { return false }
            state.limitNs = nil
            return true
        }
        if isTooMuch { announce() }
    }

    /// Begins anew.
    func take() -> Readings.Inference? {
        state.withLock { state in
            defer { state = State() }
            return state.shortest
        }
    }

    /// Ends the pause of who sleeps on `changes`. Any thread.
    func announce() {
        changes.value.wrappingAdd(1, ordering: .releasing)
        changes.wake()
    }

    /// The same once inferences since `take` have had so much CPU time.
    /// - Parameter workNs: in nanoseconds.
    func announce(after workNs: Double) { state.withLock { $0.limitNs = workNs } }
}
