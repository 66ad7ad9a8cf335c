internal import Synchronization

/// How a run ended; waited for by one task, decided by whoever comes first.
final class RunOutcome: Sendable {
    private struct State {
        var isFinished = false
        var failure: Failure?
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var failure: Failure? { state.withLock { $0.failure } }

    /// Only the first call decides.
    func finish(_ failure: Failure?) {
        let waiter = state.withLock { state in
            guard !state.isFinished else { return nil as CheckedContinuation<Void, Never>? }
            state.isFinished = true
            state.failure = failure
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiter = continuation }
                return state.isFinished
            }
            if isFinished { continuation.resume() }
        }
    }
}
