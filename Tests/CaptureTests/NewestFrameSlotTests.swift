import LinuxIO
import Synchronization
import Tensors
import Testing

@testable import Capture

@Suite struct NewestFrameSlotTests {
    private func frame(_ number: UInt64) -> Frame {
        var frame = Frame()
        frame.sequence = number
        frame.bytes = [UInt8(truncatingIfNeeded: number)]
        return frame
    }

    @Test func `the newest frame wins and the drop is reported`() {
        let slot = NewestFrameSlot(.newest)
        var (one, two, out) = (frame(1), frame(2), Frame())
        #expect(slot.put(&one) == .stored)
        #expect(slot.put(&two) == .replaced)
        #expect(slot.take(into: &out) == .frame)
        #expect(out.sequence == 2)
        #expect(slot.take(into: &out, timeoutNs: 0) == .timedOut)
    }

    @Test func `a frame from before the beat is left to be replaced`() {
        let slot = NewestFrameSlot(.newest)
        var (early, late, out) = (frame(1), frame(2), Frame())
        #expect(slot.put(&early) == .stored)
        let beat = MonotonicClock.now() + 1
        #expect(slot.take(into: &out, putFrom: beat, timeoutNs: 0) == .timedOut)
        while MonotonicClock.now() < beat {}
        #expect(slot.put(&late) == .replaced, "the early one is counted")
        #expect(slot.take(into: &out, putFrom: beat, timeoutNs: 0) == .frame)
        #expect(out.sequence == 2)
        #expect(!slot.discard())
    }

    @Test func `a frame from before the beat is thrown away, or given at the end`() {
        let slot = NewestFrameSlot(.newest)
        var (early, out) = (frame(1), Frame())
        #expect(slot.put(&early) == .stored)
        #expect(slot.discard())
        #expect(slot.put(&early) == .stored)
        #expect(slot.take(into: &out, putFrom: .max, timeoutNs: 0) == .timedOut)
        #expect(!slot.close())
        #expect(slot.take(into: &out, putFrom: .max) == .frame)
        #expect(slot.take(into: &out, putFrom: .max) == .closed)
    }

    @Test func `a taker that waits for the beat is woken by the frame on it`() throws {
        let slot = NewestFrameSlot(.newest)
        let beat = MonotonicClock.now() + 20_000_000
        let camera = try NamedThread(name: "camera") {
            for number in 1...30 {
                var frame = Frame()
                frame.sequence = UInt64(number)
                frame.capturedNs = MonotonicClock.now()
                _ = slot.put(&frame)
                let next = MonotonicClock.now() + 2_000_000
                while MonotonicClock.now() < next {}
            }
        }
        var out = Frame()
        #expect(slot.take(into: &out, putFrom: beat) == .frame)
        // Taken as it was put, whatever else this machine does.
        #expect(out.sequence > 1)
        camera.join()
    }

    @Test func `storage goes round without new memory`() {
        let slot = NewestFrameSlot(.newest)
        var (inner, outer) = (frame(1), frame(2))
        inner.bytes.reserveCapacity(5000)
        #expect(slot.put(&inner) == .stored)
        #expect(slot.take(into: &outer) == .frame)
        #expect(outer.bytes.capacity >= 5000)
        #expect(slot.put(&inner) == .stored)
        // What the taker gave up came back to the putter.
        #expect(inner.sequence == 2)
    }

    @Test func `a closed slot gives its last frame, then ends, and takes no more`() {
        let slot = NewestFrameSlot(.every)
        var (one, out) = (frame(1), Frame())
        #expect(slot.put(&one) == .stored)
        #expect(!slot.close())
        var two = frame(2)
        #expect(slot.put(&two) == .closed)
        #expect(slot.take(into: &out) == .frame)
        #expect(out.sequence == 1)
        #expect(slot.take(into: &out) == .closed)
    }

    @Test func `closing with a discard reports the dropped frame`() {
        let slot = NewestFrameSlot(.newest)
        var (one, out) = (frame(1), Frame())
        _ = slot.put(&one)
        #expect(slot.close(discarding: true))
        #expect(!slot.close(discarding: true))
        #expect(slot.take(into: &out) == .closed)
    }

    @Test(arguments: [NewestFrameSlot.Mode.newest, .every])
    func `every frame is taken or counted as dropped`(mode: NewestFrameSlot.Mode) throws {
        let slot = NewestFrameSlot(mode)
        let total: UInt64 = 3000
        let dropped = Atomic<UInt64>(0)
        let producer = try NamedThread(name: "producer") {
            for number in 0..<total {
                var frame = Frame()
                frame.sequence = number
                if slot.put(&frame) == .replaced { dropped.add(1, ordering: .relaxed) }
            }
            slot.close()
        }
        var taken: [UInt64] = []
        var out = Frame()
        while slot.take(into: &out) == .frame { taken.append(out.sequence) }
        producer.join()
        #expect(UInt64(taken.count) + dropped.load(ordering: .relaxed) == total)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0 < $1 })
        #expect(taken.last == total - 1)
        if mode == .every { #expect(taken.count == Int(total)) }
    }

    @Test func `closing wakes a waiting taker and a waiting putter`() throws {
        let (empty, full) = (NewestFrameSlot(.newest), NewestFrameSlot(.every))
        var one = frame(1)
        _ = full.put(&one)
        let results = Mutex<[String]>([])
        let taker = try NamedThread(name: "taker") {
            var out = Frame()
            let take = empty.take(into: &out)
            results.withLock { $0.append("\(take)") }
        }
        let putter = try NamedThread(name: "putter") {
            var frame = Frame()
            let put = full.put(&frame)
            results.withLock { $0.append("\(put)") }
        }
        empty.close()
        full.close()
        taker.join()
        putter.join()
        #expect(results.withLock { $0 } == ["closed", "closed"])
    }
}
