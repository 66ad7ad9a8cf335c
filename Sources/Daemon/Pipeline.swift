internal import Capture
internal import Imaging
internal import LinuxIO
internal import Logging
internal import Publishing
internal import Synchronization
internal import Tensors
internal import Wire

/// The daemon's work: frames from the source, labels to the socket, on two threads of its own. The capture thread keeps
/// the newest frame, the inference thread takes it when the rate allows.
package final class Pipeline: Sendable {
    private let configuration: RunConfiguration
    private let log: Logger
    private let server: ResultServer
    private let classifier: Mutex<Classifier>
    private let point: WorkingPoint
    private let presences: Presences
    private let smoothing: SmoothingConfiguration
    private let slot: NewestFrameSlot
    private let counters: FrameCounters
    /// Raised once, for good; both threads then end soon.
    private let stopping: Interruption
    private let isInferring = Atomic<Bool>(false)
    private let outcome = Outcome()
    private let health: CameraHealth

    init(
        configuration: RunConfiguration, classifier: sending Classifier, point: WorkingPoint, server: ResultServer,
        counters: FrameCounters, log: Logger
    ) throws(Failure) {
        self.configuration = configuration
        presences = Presences(server: server, labels: classifier.labels)
        smoothing = configuration.smoothing.configuration(
            isStream: configuration.isStream, unknownBelow: classifier.unknownThreshold)
        self.classifier = Mutex(classifier)
        self.point = point
        self.server = server
        self.counters = counters
        self.log = log
        health = CameraHealth(log: log) { [presences] event in
            if event.state == .lost { presences.end() }
            server.publish(.camera(event))
        }
        do throws(CaptureError) { stopping = try Interruption() } catch { throw Failure(error) }
        let isLive: Bool =
            switch configuration.source {
            case .v4l2, .scene: true
            case .images, .mjpeg, .y4m: false
            }
        slot = NewestFrameSlot(isLive ? .newest : .every)
    }

    /// Runs until the source ends, the asked number of frames is done, `stop` is called, or something fails for good.
    package func run() async throws(Failure) {
        do throws(SystemError) {
            let inference = try NamedThread(name: "tarsier-infer") { self.infer() }
            do throws(SystemError) {
                let capture = try NamedThread(name: "tarsier-capture") { self.capture() }
                await outcome.wait()
                stop()
                capture.join()
            } catch {
                stop()
                inference.join()
                throw error
            }
            inference.join()
        } catch {
            throw Failure(error)
        }
        if let failure = outcome.failure { throw failure }
    }

    /// Ends the run from any thread; returns at once.
    package func stop() {
        stopping.raise()
        if slot.close(discarding: true) { counters.skip(.busy) }
        outcome.finish(nil)
    }

    // MARK: capture thread

    private func capture() {
        var frame = Frame()
        var options = SourceOptions()
        options.camera = configuration.camera
        let retry = CameraRetry()
        while !stopping.isRaised {
            do throws(CaptureError) {
                let source = try configuration.source.open(options, interruption: stopping)
                try read(source, into: &frame, retry)
                return
            } catch {
                guard case .v4l2 = configuration.source, retry.isWorthwhile(after: error) else {
                    outcome.finish(Failure(error))
                    return
                }
                health.lost(error)
                if !retry.wait(stopping) { return }
            }
        }
    }

    /// Reads a source to its end, or until the run ends.
    private func read(
        _ source: any FrameSource, into frame: inout Frame, _ retry: CameraRetry
    ) throws(CaptureError) {
        var (isFirst, counted) = (true, FrameLosses())
        defer { count(source.losses, since: &counted) }
        while try source.next(into: &frame) {
            if isFirst {
                retry.succeeded()
                health.arrived(source.identity, notes: source.notes)
                isFirst = false
            }
            count(source.losses, since: &counted)
            counters.capture()
            if configuration.restsWithoutSubscribers && !server.hasSubscribers {
                counters.skip(.nobody)
                continue
            }
            switch slot.put(&frame) {
            case .stored: break
            case .replaced: counters.skip(isInferring.load(ordering: .relaxed) ? .busy : .rate)
            case .closed:
                counters.skip(.busy)
                return
            }
        }
        if stopping.isRaised { return }
        log.info("camera \(source.identity): the source has ended")
        slot.close()
    }

    /// What the source threw away was captured, too.
    private func count(_ losses: FrameLosses, since counted: inout FrameLosses) {
        counters.captureAndSkip(losses.damaged - counted.damaged, .corrupt)
        counters.captureAndSkip(
            losses.superseded - counted.superseded, isInferring.load(ordering: .relaxed) ? .busy : .rate)
        counted = losses
    }

    // MARK: inference thread

    private func infer() {
        let cause = classifier.withLock { classifier in
            var frame = Frame()
            var pacer = Pacer(rate: configuration.rate)
            var publisher = ResultMaker(smoothing)
            let forgetAfterNs = UInt64(smoothing.forgetAfterMs * 1e6)
            var corrupt = 0
            while configuration.frames.map({ publisher.count < $0 }) ?? true {
                guard pace(&pacer) else { break }
                guard slot.take(into: &frame) == .frame else { break }
                pacer.begin(nowNs: MonotonicClock.now())
                isInferring.store(true, ordering: .relaxed)
                defer { isInferring.store(false, ordering: .relaxed) }
                do throws(ImagingError) {
                    let threads = point.current.threads
                    let times = try classifier.classify(frame, threads: threads)
                    counters.infer()
                    health.decoded()
                    let (result, belief) = publisher.result(
                        of: classifier, frame: frame, times: times, threads: threads)
                    server.publish(result)
                    presences.add(belief, atNs: frame.capturedNs, forgetAfterNs: forgetAfterNs)
                } catch {
                    counters.skip(.corrupt)
                    health.corrupted(error.message)
                    corrupt += 1
                    // Powers of two: the first tells the cause, the rest that it goes on, without a line a frame.
                    if corrupt & (corrupt - 1) == 0 { log.warning("frame left out (\(corrupt) so far): \(error)") }
                }
            }
            return publisher.count == configuration.frames
                ? "the \(publisher.count) frames asked for are done" : "the source has no more frames"
        }
        presences.end()
        if stopping.isRaised { return }
        server.publish(.camera(CameraEvent(state: .ended, cause: cause)))
        outcome.finish(nil)
    }

    /// Waits for the moment of the next inference; false when the run ends. The rate may change meanwhile, so a long wait
    /// looks at it once a second.
    private func pace(_ pacer: inout Pacer) -> Bool {
        while true {
            pacer.change(rate: point.current.rate)
            let now = MonotonicClock.now()
            let delay = pacer.delay(nowNs: now)
            guard delay > 0 else { return true }
            guard stopping.sleep(until: now + min(delay, 1_000_000_000)) else { return false }
        }
    }
}

/// How a run ended; waited for by one task, decided by whoever comes first.
private final class Outcome: Sendable {
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
