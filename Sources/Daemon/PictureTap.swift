internal import Imaging
internal import LinuxIO
internal import Synchronization
internal import Tensors
internal import Wire

/// Hands what the network was shown, as a small JPEG, to clients that ask; only where the configuration allows it.
///
/// While nobody asks it costs the inference thread one atomic load a frame, and there is no thread. For who asks, a frame that has
/// been looked at is swapped for older storage: nothing is copied. Resizing and compressing happen on a thread that ends when
/// nobody has asked for a while.
final class PictureTap: Sendable {
    /// Pixels of the longer side.
    static let longestSide = 320
    /// Between two pictures, however many ask: at most five a second.
    static let intervalNs: UInt64 = 200_000_000
    /// How long a request waits for a frame.
    static let patienceNs: UInt64 = 2_000_000_000
    /// How long the thread waits for the next request.
    static let restNs: UInt64 = 5_000_000_000

    typealias Answer = @Sendable (Result<Picture, ReplyError>) -> Void

    private let state: Mutex<State>
    /// Whether the next frame is wanted: what the inference thread looks at.
    private let isWanted = Atomic(false)
    /// Counts what the thread should look at.
    private let news = FutexWord()

    init(isAllowed: Bool) { state = Mutex(State(isAllowed: isAllowed)) }

    // MARK: any thread

    func allow(_ isAllowed: Bool) { state.withLock { $0.isAllowed = isAllowed } }

    /// Answers once, from the tap's thread, or at once where there is nothing to wait for.
    func ask(_ answer: @escaping Answer) {
        let refusal: ReplyError? = state.withLock { state in
            guard state.isAllowed else { return .picturesAreOff }
            guard !state.isStopped else { return .noPicture("the daemon is stopping") }
            if !state.isRunning {
                do throws(SystemError) {
                    _ = try NamedThread(name: "tarsier-picture") { self.serve() }
                } catch {
                    return .noPicture("\(error)")
                }
                state.isRunning = true
            }
            state.waiting.append((answer, MonotonicClock.now() + PictureTap.patienceNs))
            isWanted.store(true, ordering: .relaxed)
            return nil
        }
        if let refusal { answer(.failure(refusal)) } else { announce() }
    }

    /// Answers everybody and ends the thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        announce()
    }

    // MARK: inference thread

    /// Takes a frame that has been looked at, if one is wanted; `frame` then has other storage with stale content.
    func offer(_ frame: inout Frame, as preprocessing: Preprocessing) {
        guard isWanted.load(ordering: .relaxed) else { return }
        let isTaken = state.withLock { state in
            let isTaken = state.offer(&frame, as: preprocessing, nowNs: MonotonicClock.now())
            if isTaken { isWanted.store(false, ordering: .relaxed) }
            return isTaken
        }
        if isTaken { announce() }
    }

    private func announce() {
        news.value.wrappingAdd(1, ordering: .releasing)
        news.wake()
    }

    // MARK: the tap's thread

    private func serve() {
        var frame = Frame()
        var lastNs = MonotonicClock.now()
        while true {
            let seen = news.value.load(ordering: .acquiring)
            if let preprocessing = state.withLock({ $0.take(into: &frame, nowNs: MonotonicClock.now()) }) {
                let picture = PictureTap.picture(of: frame, preprocessing)
                answerAll(picture)
                lastNs = MonotonicClock.now()
                continue
            }
            let now = MonotonicClock.now()
            let (expired, isOver, restNs) = state.withLock { state in
                let (expired, isOver) = state.rest(nowNs: now, lastNs: lastNs)
                if state.waiting.isEmpty { isWanted.store(false, ordering: .relaxed) }
                return (expired, isOver, state.waiting.isEmpty ? PictureTap.restNs : PictureTap.intervalNs)
            }
            for request in expired { request.answer(.failure(.noPicture("no frame was looked at within 2 s"))) }
            if isOver { return }
            news.wait(while: seen, timeoutNs: restNs)
        }
    }

    private func answerAll(_ outcome: Result<Picture, ReplyError>) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for request in waiting { request.answer(outcome) }
    }

    /// The part that the network sees, finer where the frame is finer.
    private static func picture(of frame: Frame, _ preprocessing: Preprocessing) -> Result<Picture, ReplyError> {
        do throws(ImagingError) {
            let longest = max(preprocessing.width, preprocessing.height)
            let shown = Preprocessing(
                width: max(1, preprocessing.width * longestSide / longest),
                height: max(1, preprocessing.height * longestSide / longest),
                cropFraction: preprocessing.cropFraction, std: preprocessing.std)
            var preparer = try Preparer(shown)
            let rgb = try preparer.prepare(frame)
            var options = JPEGEncoder.Options()
            var jpeg: [UInt8] = []
            // Noise compresses badly; what is left over at the worst quality does not occur at this size.
            for quality in [80, 60, 40, 20] {
                options.quality = quality
                jpeg = try JPEGEncoder.encode(rgb, width: shown.width, height: shown.height, options)
                if jpeg.count <= Picture.mostBytes { break }
            }
            return .success(
                Picture(
                    frame: frame.sequence, monotonicNs: frame.capturedNs, width: shown.width, height: shown.height,
                    jpeg: jpeg))
        } catch {
            return .failure(.noPicture("\(error)"))
        }
    }
}

extension ReplyError {
    fileprivate static let picturesAreOff = ReplyError(
        code: .forbidden, message: "pictures are off; set picture = on in the daemon's configuration and reload it")

    fileprivate static func noPicture(_ cause: String) -> ReplyError {
        ReplyError(code: .unavailable, message: "no picture: \(cause)")
    }
}
