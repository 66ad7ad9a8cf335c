internal import Capture
internal import Engine
internal import Imaging
internal import LinuxIO
internal import Logging
internal import Publishing
internal import Synchronization
internal import Tensors
internal import Wire

#if canImport(Glibc)
internal import Glibc
#endif

/// A second model on some of the frames that the first has answered, on a thread of its own at low priority. The first never
/// waits for it: a frame for which it is not ready is passed over and counted as late.
final class Shadow: Sendable {
    /// One frame in so many is offered.
    static let every = 10
    /// Between two events about disagreement, in nanoseconds.
    static let eventNs: UInt64 = 60_000_000_000

    private struct Running {
        let thread: NamedThread
        let slot: NewestFrameSlot
    }

    private struct State {
        var shadow: ShadowState?
        /// What the first model said of the frame that lies in the slot.
        var answer = ""
        var count = 0
        var toldNs: UInt64?
    }

    private let state = Mutex(State())
    private let running = Mutex<Running?>(nil)
    /// Whether a frame waits for the shadow or is being looked at.
    private let isBusy = Atomic<Bool>(false)
    private let isOn = Atomic<Bool>(false)
    private let server: ResultServer
    private let log: Logger

    init(server: ResultServer, log: Logger) { (self.server, self.log) = (server, log) }

    var current: ShadowState? { state.withLock { $0.shadow } }

    /// Whether answers are compared now. Any thread, no lock.
    var isOnDuty: Bool { isOn.load(ordering: .acquiring) }

    /// Begins anew with a model that has been checked; ends the one before.
    func start(_ model: ModelState.Loaded, _ inference: Inference) throws(Failure) {
        stop()
        let slot = NewestFrameSlot(.newest)
        state.withLock { $0 = State(shadow: ShadowState(model: model, every: Shadow.every)) }
        isBusy.store(false, ordering: .releasing)
        do throws(SystemError) {
            let thread = try NamedThread(name: "tarsier-shadow") { [self] in look(slot, inference) }
            running.withLock { $0 = Running(thread: thread, slot: slot) }
        } catch {
            state.withLock { $0.shadow = nil }
            throw Failure(error)
        }
        isOn.store(true, ordering: .releasing)
    }

    /// Returns when its thread has ended: after one inference at most.
    func stop() {
        isOn.store(false, ordering: .releasing)
        let before = running.withLock { running in
            defer { running = nil }
            return running
        }
        before?.slot.close(discarding: true)
        before?.thread.join()
        state.withLock { $0.shadow = nil }
    }

    /// The inference thread has answered a frame. Copies one in `every`, when the shadow is free.
    func offer(_ frame: borrowing Frame, answer: String) {
        guard isOnDuty else { return }
        let isDue = state.withLock { state in
            state.count += 1
            return state.count % Shadow.every == 1
        }
        guard isDue else { return }
        guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
            state.withLock { $0.shadow?.late += 1 }
            return
        }
        state.withLock { $0.answer = answer }
        var copy = copy frame
        let isTaken = running.withLock { running in running.map { $0.slot.put(&copy) != .closed } ?? false }
        if !isTaken { isBusy.store(false, ordering: .releasing) }
    }

    // MARK: shadow thread

    private func look(_ slot: NewestFrameSlot, _ inference: Inference) {
        // The calling thread's alone, on Linux. Where it is refused the shadow runs like all others.
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)
        var frame = Frame()
        while slot.take(into: &frame) == .frame {
            defer { isBusy.store(false, ordering: .releasing) }
            // A frame that cannot be decoded has been complained about.
            let label = try? inference.withClassifier { (classifier) throws(ImagingError) in
                _ = try classifier.classify(frame, threads: 1)
                return classifier.top(1).first.map(classifier.label)
            }
            if let own = label ?? nil { compare(own) }
        }
    }

    private func compare(_ own: String) {
        let event = state.withLock { state -> ModelEvent? in
            guard var shadow = state.shadow else { return nil }
            shadow.frames += 1
            if own != state.answer { shadow.disagreed += 1 }
            state.shadow = shadow
            let now = MonotonicClock.now()
            guard own != state.answer, state.toldNs.map({ now - $0 >= Shadow.eventNs }) ?? true else { return nil }
            state.toldNs = now
            return ModelEvent(
                what: "disagreement", model: shadow.model.info,
                cause: "\(state.answer), the shadow says \(own); \(shadow.disagreed) of \(shadow.frames) frames differ")
        }
        if let event {
            log.info("shadow: \(event.cause)")
            server.publish(.model(event))
        }
    }
}
