import Imaging
import Synchronization
import Tensors
import Testing
import Wire

@testable import Daemon

/// Pictures for who asks, and nothing for who does not.
@Suite(.timeLimit(.minutes(1))) struct PictureTapTests {
    private static let preprocessing = Preprocessing(width: 224, height: 224, cropFraction: 1, std: 64)

    /// 96 x 64 pixels of one colour.
    private func frame(_ sequence: UInt64, grey: UInt8) -> Frame {
        var frame = Frame()
        (frame.width, frame.height, frame.strideBytes, frame.sequence) = (96, 64, 288, sequence)
        frame.bytes = [UInt8](repeating: grey, count: 288 * 64)
        return frame
    }

    /// Asks, and shows frames until the answer is there.
    private func ask(_ tap: PictureTap, showing: Frame? = nil) async -> Result<Picture, ReplyError> {
        let answer = Mutex<Result<Picture, ReplyError>?>(nil)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            tap.ask { outcome in
                answer.withLock { $0 = outcome }
                done.resume()
            }
            guard let showing else { return }
            // What the inference thread does after each frame.
            while answer.withLock({ $0 }) == nil {
                var frame = showing
                tap.offer(&frame, as: PictureTapTests.preprocessing)
            }
        }
        return answer.withLock { $0 } ?? .failure(ReplyError(code: .unavailable, message: "no answer"))
    }

    @Test func `Pictures are off unless the configuration allows them, and a reload changes that`() async throws {
        let tap = PictureTap(isAllowed: false)
        guard case .failure(let refusal) = await ask(tap) else { throw Failure(.other, "a picture was handed out") }
        #expect(refusal.code == .forbidden && refusal.message.contains("picture = on"))
        tap.allow(true)
        _ = try await ask(tap, showing: frame(1, grey: 10)).get()
        tap.allow(false)
        #expect(throws: ReplyError.self) { try tapRefuses(tap) }
    }

    private func tapRefuses(_ tap: PictureTap) throws {
        let outcome = Mutex<Result<Picture, ReplyError>?>(nil)
        tap.ask { answer in outcome.withLock { $0 = answer } }
        _ = try outcome.withLock { $0 }?.get()
    }

    @Test func `The picture is what the network sees of the frame, larger`() async throws {
        let tap = PictureTap(isAllowed: true)
        let picture = try await ask(tap, showing: frame(42, grey: 200)).get()
        #expect(picture.frame == 42 && picture.width == 320 && picture.height == 320)
        #expect(picture.jpeg.count < Picture.mostBytes)
        let decoded = try JPEGDecoder().decodeWhole(picture.jpeg)
        #expect(decoded.width == 320 && decoded.height == 320)
        #expect(decoded.rgb.allSatisfy { abs(Int($0) - 200) <= 2 })
    }

    @Test func `A frame that nobody wants is left alone`() {
        let tap = PictureTap(isAllowed: true)
        var shown = frame(3, grey: 1)
        tap.offer(&shown, as: PictureTapTests.preprocessing)
        #expect(shown.sequence == 3 && shown.bytes.count == 288 * 64)
    }

    @Test func `Everybody who waits gets the same picture, and nobody waits for ever`() async throws {
        let tap = PictureTap(isAllowed: true)
        async let one = ask(tap)
        async let two = ask(tap, showing: frame(9, grey: 90))
        #expect(try await two.get().frame == 9)
        // Whether the first asked in time for that picture is the scheduler's to say; else its patience ends.
        switch await one {
        case .success(let picture): #expect(picture.frame == 9)
        case .failure(let error): #expect(error.code == .unavailable)
        }
        guard case .failure(let error) = await ask(tap) else { throw Failure(.other, "a picture without a frame") }
        #expect(error.code == .unavailable && error.message.contains("within 2 s"))
    }

    @Test func `The end of the daemon answers who waits`() async throws {
        let tap = PictureTap(isAllowed: true)
        let outcome = Mutex<ReplyError?>(nil)
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            tap.ask { answer in
                if case .failure(let error) = answer { outcome.withLock { $0 = error } }
                done.resume()
            }
            tap.stop()
        }
        #expect(outcome.withLock { $0 }?.code == .unavailable)
        guard case .failure(let late) = await ask(tap) else { throw Failure(.other, "a picture after the end") }
        #expect(late.message.contains("stopping"))
    }

    @Test func `A frame that is damaged gives no picture, and the next one does`() async throws {
        let tap = PictureTap(isAllowed: true)
        var broken = frame(1, grey: 0)
        broken.bytes = []
        guard case .failure(let error) = await ask(tap, showing: broken) else { throw Failure(.other, "no failure") }
        #expect(error.code == .unavailable)
        #expect(try await ask(tap, showing: frame(2, grey: 0)).get().frame == 2)
    }

    @Test func `A frame that comes while the thread ends is not what the next request gets`() {
        var state = PictureTap.State(isAllowed: true)
        var taken = Frame()
        let answer: PictureTap.Answer = { _ in }
        (state.isRunning, state.waiting) = (true, [(answer, deadlineNs: PictureTap.patienceNs)])
        #expect(state.take(into: &taken, nowNs: 0) == nil)
        // Between the thread's last look and its decision, as late as can be.
        var late = frame(1, grey: 10)
        let endNs = PictureTap.restNs
        #expect(state.offer(&late, as: PictureTapTests.preprocessing, nowNs: endNs))
        let (expired, isOver) = state.rest(nowNs: endNs, lastNs: 0)
        #expect(expired.count == 1 && isOver && !state.isRunning)
        // The next request's thread finds nothing, and waits for a frame of its own time.
        #expect(state.take(into: &taken, nowNs: endNs) == nil)
        var next = frame(2, grey: 20)
        #expect(state.offer(&next, as: PictureTapTests.preprocessing, nowNs: endNs))
        #expect(state.take(into: &taken, nowNs: endNs) != nil)
        #expect(taken.sequence == 2 && taken.bytes.count == 288 * 64)
    }
}
