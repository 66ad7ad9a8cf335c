internal import Capture
internal import Engine
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
    /// What the next frame goes through.
    private let inference: Mutex<Inference>
    private let point: WorkingPoint
    private let presences: Presences
    private let notifier: ServiceNotifier
    private let slot: NewestFrameSlot
    private let counters: FrameCounters
    private let inferences: InferenceLog
    private let pace: CapturePace
    /// Raised once, for good; both threads then end soon.
    private let stopping: Interruption
    private let isInferring = Atomic<Bool>(false)
    /// Nothing moves, and so few frames are looked at.
    private let isStill = Atomic<Bool>(false)
    /// Frames are of a camera that was opened anew.
    private let isNewCamera = Atomic<Bool>(false)
    private let outcome = RunOutcome()
    private let health: CameraHealth
    private let shadow: Shadow
    private let pictures: PictureTap

    init(
        configuration: RunConfiguration, inference: Inference, point: WorkingPoint, server: ResultServer,
        counters: FrameCounters, inferences: InferenceLog, pace: CapturePace, pictures: PictureTap,
        notifier: ServiceNotifier, shadow: Shadow, log: Logger
    ) throws(Failure) {
        self.shadow = shadow
        self.configuration = configuration
        presences = Presences(server: server, labels: inference.labels)
        self.inference = Mutex(inference)
        self.notifier = notifier
        self.point = point
        self.server = server
        self.counters = counters
        self.inferences = inferences
        self.pace = pace
        self.pictures = pictures
        self.log = log
        health = CameraHealth(log: log) { [presences] event in
            if event.state == .lost {
                presences.end()
                notifier.status("camera lost: \(event.cause)")
            }
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
        pace.stop()
        pictures.stop()
        if slot.close(discarding: true) { counters.skip(.busy) }
        outcome.finish(nil)
    }

    /// From the next frame on another model or smoothing is at work; a frame under way is finished by the old one. Any thread.
    func replace(_ next: Inference) { inference.withLock { $0 = next } }

    // MARK: capture thread

    private func capture() {
        var frame = Frame()
        var options = SourceOptions()
        options.camera = configuration.camera
        let retry = CameraRetry()
        while !stopping.isRaised {
            do throws(CaptureError) {
                guard try openAndRead(into: &frame, options, retry) else { return }
                pace.rest(limitNs: nil) { isResting }
            } catch {
                guard isCamera, retry.isWorthwhile(after: error) else {
                    outcome.finish(Failure(error))
                    return
                }
                health.lost(error)
                if !retry.wait(stopping) { return }
            }
        }
    }

    /// The source is closed when this returns.
    private func openAndRead(
        into frame: inout Frame, _ options: SourceOptions, _ retry: CameraRetry
    ) throws(CaptureError) -> Bool {
        try read(try configuration.source.open(options, interruption: stopping), into: &frame, retry)
    }

    /// Whether it may be lost and come back.
    private var isCamera: Bool {
        switch configuration.source {
        case .v4l2, .scene: true
        case .images, .mjpeg, .y4m: false
        }
    }

    private var isResting: Bool { configuration.restsWithoutSubscribers && !server.hasSubscribers }

    /// Reads a source to its end, or until it is to be closed because nobody is there. False when there is no more to do.
    private func read(
        _ source: any FrameSource, into frame: inout Frame, _ retry: CameraRetry
    ) throws(CaptureError) -> Bool {
        var (isFirst, hasRested, counted) = (true, false, FrameLosses())
        defer { count(source.losses, since: &counted) }
        var interval = FrameInterval()
        // Of the monotonic clock: frames from before are left out.
        var wantedNs: UInt64 = 0
        while try source.next(into: &frame) {
            let isStale = source.isLive && frame.capturedNs < wantedNs
            interval.add(capturedNs: frame.capturedNs, afterPause: wantedNs > 0)
            if isStale { continue }
            wantedNs = 0
            // What was due while a scene rested was never drawn; what a camera took meanwhile counts.
            if hasRested, case .scene = configuration.source { counted = source.losses }
            hasRested = false
            if isFirst {
                try check(frame)
                retry.succeeded()
                isNewCamera.store(true, ordering: .releasing)
                health.arrived(source.identity, notes: source.notes)
                isFirst = false
            }
            count(source.losses, since: &counted)
            counters.capture()
            if isResting {
                // What waits there would be old when somebody comes.
                if slot.discard() { counters.skip(.nobody) }
                counters.skip(.nobody)
                guard let woken = rest() else { return true }
                (wantedNs, hasRested) = (woken, true)
                source.skip(before: woken)
                continue
            }
            switch slot.put(&frame) {
            case .stored: break
            case .replaced: counters.skip(reasonToSkip)
            case .closed:
                counters.skip(.busy)
                return false
            }
            if source.isLive, let woken = pace.waitUntilWanted(intervalNs: interval.valueNs) {
                wantedNs = woken
                source.skip(before: woken)
            }
        }
        if stopping.isRaised { return false }
        log.info("camera \(source.identity): the source has ended")
        slot.close()
        return false
    }

    /// The region must lie in the picture that was agreed on; another camera, or another region, will do.
    private func check(_ frame: borrowing Frame) throws(CaptureError) {
        guard let region = inference.withLock({ $0.region }), frame.width > 0,
            region.rectangle(width: frame.width, height: frame.height) == nil
        else { return }
        throw CaptureError(
            .configuration, source: "\(configuration.source)",
            "the region \(region) does not lie in the picture of \(frame.width)x\(frame.height) that the camera gives; "
                + "change region or camera-size")
    }

    /// What the source threw away was captured, too.
    private func count(_ losses: FrameLosses, since counted: inout FrameLosses) {
        counters.captureAndSkip(losses.damaged - counted.damaged, .corrupt)
        counters.captureAndSkip(
            losses.superseded - counted.superseded, reasonToSkip)
        counted = losses
    }

    /// Why a frame gave way to a newer one.
    private var reasonToSkip: FrameCounters.Skip {
        if isInferring.load(ordering: .relaxed) { return .busy }
        if isStill.load(ordering: .relaxed) { return .motion }
        return point.isReduced ? .thermal : .rate
    }

    /// Sleeps while nobody is subscribed, as the configuration has it.
    /// - Returns: the time it woke, 0 where frames of before are as good as any; nil when the source is to be closed.
    private func rest() -> UInt64? {
        if case .scene = configuration.source {
            // Nothing that could be unplugged.
            pace.rest(limitNs: nil) { isResting }
            return 0
        }
        switch configuration.idle {
        case .keep: return 0
        case .slow: pace.rest(limitNs: 1_000_000_000) { isResting }
        case .stop:
            pace.rest(limitNs: 10_000_000_000) { isResting }
            if isResting && !stopping.isRaised {
                log.info("camera: off until somebody subscribes")
                return nil
            }
        }
        return MonotonicClock.now()
    }

    // MARK: inference thread

    private func infer() {
        var frame = Frame()
        var pacer = Pacer(rate: configuration.rate)
        var inference = inference.withLock { $0 }
        var gate: MotionGate? = makeGate(inference)
        var publisher = ResultMaker(inference.smoothing)
        var status = StatusLine(nowNs: MonotonicClock.now())
        while configuration.frames.map({ publisher.count < $0 }) ?? true {
            let restingRate = gate?.restingRate(nowNs: MonotonicClock.now())
            // It moves again: the capture thread must not sleep on.
            if isStill.exchange(restingRate != nil, ordering: .relaxed), restingRate == nil { self.pace.wake() }
            guard take(into: &frame, &pacer, atMost: restingRate, &status) else { break }
            pacer.begin(nowNs: MonotonicClock.now())
            self.pace.plan(nextInferenceNs: pacer.nextNs, periodNs: pacer.periodNs)
            let next = self.inference.withLock { $0 }
            if next !== inference {
                inference = next
                publisher.begin(next.smoothing)
                presences.begin(labels: next.labels)
                gate = makeGate(next)
            }
            if isNewCamera.exchange(false, ordering: .acquiring) { gate?.reset() }
            if gate?.judge(frame) == .still {
                counters.skip(.motion)
                health.decoded()
                publisher.hold(atNs: frame.capturedNs)
                presences.hold(atNs: frame.capturedNs)
                pictures.offer(&frame, as: inference.preprocessing)
                continue
            }
            if let agrees = classify(frame, with: inference, &publisher) {
                gate?.inferred(atNs: frame.capturedNs, agrees: agrees)
            }
            pictures.offer(&frame, as: inference.preprocessing)
            let line = status.afterResult(
                nowNs: MonotonicClock.now(), inferred: UInt64(publisher.count), threads: point.current.threads,
                subscribers: server.subscriberCount)
            if let line { notifier.status(line) }
        }
        presences.end()
        if stopping.isRaised { return }
        let cause =
            publisher.count == configuration.frames
            ? "the \(publisher.count) frames asked for are done" : "the source has no more frames"
        server.publish(.camera(CameraEvent(state: .ended, cause: cause)))
        outcome.finish(nil)
    }

    /// Waits for the frame of the next inference, coming round often enough for the watchdog and for a rate that changes; false
    /// when there is no more.
    /// - Parameter atMost: another limit of the rate, of a scene in which nothing moves.
    private func take(
        into frame: inout Frame, _ pacer: inout Pacer, atMost: Double?, _ status: inout StatusLine
    ) -> Bool {
        while true {
            notifier.progress()
            let rate = point.current.rate
            pacer.change(rate: atMost.map { min($0, rate ?? $0) } ?? rate)
            let now = MonotonicClock.now()
            if slot.mode == .every {
                // The source waits for us and has its frame there.
                let delay = pacer.delay(nowNs: now)
                guard delay == 0 || stopping.sleep(until: now + min(delay, 1_000_000_000)) else { return false }
                if delay > 0 { continue }
            }
            // A live source's frame near the beat is waited for, and the rate looked at again a second after it was due.
            let wantedNs = slot.mode == .newest ? pacer.wantedNs(intervalNs: pace.frameIntervalNs) : 0
            let isEarly = wantedNs > now
            let untilLate = isEarly ? min(wantedNs - now, 1_000_000_000) + 1_000_000_000 : nil
            let longest = notifier.longestRestNs
            let timeout = untilLate.map { min($0, longest ?? $0) } ?? longest
            switch slot.take(into: &frame, putFrom: wantedNs, timeoutNs: timeout) {
            case .frame: return true
            case .closed: return false
            case .timedOut:
                if isEarly { continue }
                let frames = counters.snapshot
                let line = status.afterRest(
                    nowNs: MonotonicClock.now(), captured: frames.captured, inferred: frames.inferred,
                    subscribers: server.subscriberCount)
                if let line { notifier.status(line) }
            }
        }
    }

    /// Nil where every frame is inferred.
    private func makeGate(_ inference: Inference) -> MotionGate? {
        guard let configuration = inference.gate else { return nil }
        do throws(ImagingError) { return try MotionGate(configuration) } catch {
            log.warning("every frame is inferred, whether anything moves or not: \(error)")
            return nil
        }
    }

    /// - Returns: whether the frame's own best class is what is believed; nil when it could not be decoded.
    private func classify(_ frame: Frame, with inference: Inference, _ publisher: inout ResultMaker) -> Bool? {
        isInferring.store(true, ordering: .relaxed)
        defer { isInferring.store(false, ordering: .relaxed) }
        let threads = point.current.threads
        do throws(ImagingError) {
            let (result, belief, own, answer) = try inference.withClassifier { (classifier) throws(ImagingError) in
                let times = try classifier.classify(frame, threads: min(threads, classifier.session.maxThreads))
                inferences.add(threads: threads, times: times)
                counters.infer(times)
                let (result, belief) = publisher.result(of: classifier, frame: frame, times: times, threads: threads)
                let best = result.top.first
                let isKnown = best.map { Float($0.score) >= classifier.unknownThreshold } ?? false
                let answer = shadow.isOnDuty ? classifier.top(1).first.map(classifier.label) : nil
                return (result, belief, isKnown ? best?.index : nil, answer)
            }
            health.decoded()
            server.publish(result)
            if let answer { shadow.offer(frame, answer: answer) }
            let forgetAfterNs = UInt64(inference.smoothing.forgetAfterMs * 1e6)
            presences.add(belief, atNs: frame.capturedNs, forgetAfterNs: forgetAfterNs)
            return belief.index == own
        } catch {
            counters.skip(.corrupt)
            health.corrupted(error.message)
            let corrupt = counters.count(of: .corrupt)
            // Powers of two: the first tells the cause, the rest that it goes on, without a line a frame.
            if corrupt & (corrupt - 1) == 0 { log.warning("frame left out (\(corrupt) so far): \(error)") }
            return nil
        }
    }
}
