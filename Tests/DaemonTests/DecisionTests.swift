import Testing
import Wire

@testable import Daemon

/// The pure decisions of the daemon.
@Suite struct DecisionTests {
    @Test func `The pacer takes another rate from the last beat on`() {
        var pacer = Pacer(rate: 1)
        let ms: UInt64 = 1_000_000
        pacer.begin(nowNs: 5000 * ms)
        #expect(pacer.delay(nowNs: 5000 * ms) == 1000 * ms)
        pacer.change(rate: 10)
        #expect(pacer.delay(nowNs: 5040 * ms) == 60 * ms)
        pacer.change(rate: nil)
        #expect(pacer.delay(nowNs: 5040 * ms) == 0)
        pacer.change(rate: 0.001)
        #expect(pacer.delay(nowNs: 5040 * ms) <= 1_000_000 * ms)
    }

    @Test func `The pacer keeps its beat and never bursts after a pause`() {
        var pacer = Pacer(rate: 10)
        let ms: UInt64 = 1_000_000
        #expect(pacer.delay(nowNs: 1000 * ms) == 0)
        pacer.begin(nowNs: 1000 * ms)
        #expect(pacer.delay(nowNs: 1000 * ms) == 100 * ms)
        pacer.begin(nowNs: 1103 * ms)
        #expect(pacer.delay(nowNs: 1103 * ms) == 97 * ms, "three late, so the next wait is three shorter")
        pacer.begin(nowNs: 5000 * ms)
        #expect(pacer.delay(nowNs: 5000 * ms) == 100 * ms, "no burst for the beats that were missed")
        var free = Pacer(rate: nil)
        free.begin(nowNs: 7)
        #expect(free.delay(nowNs: 7) == 0)
    }

    @Test func `The frame nearest to the beat is wanted, and the rate is kept`() {
        let ms: UInt64 = 1_000_000
        // 30 frames a second whose phase wanders, 7 inferences a second: taken as the inference thread takes them.
        var pacer = Pacer(rate: 7)
        var taken: [UInt64] = []
        for number in 0..<3000 {
            let frame = UInt64(number) * 33_366_667 + UInt64(number % 5) * 500_000 + 1000 * ms
            guard frame >= pacer.wantedNs(intervalNs: 33_366_667) else { continue }
            pacer.begin(nowNs: frame)
            taken.append(frame)
        }
        let seconds = Double(taken.last! - taken.first!) / 1e9
        #expect(abs(Double(taken.count - 1) / seconds - 7) < 0.02)
        let steps = zip(taken.dropFirst(), taken).map { $0 - $1 }
        // 142.9 ms are 4.3 frames.
        #expect(steps.allSatisfy { $0 > 3 * 33 * ms && $0 < 6 * 33 * ms })
        #expect(Pacer(rate: nil).wantedNs(intervalNs: 33 * ms) == 0)
        pacer = Pacer(rate: 30)
        pacer.begin(nowNs: 1000 * ms)
        #expect(pacer.wantedNs(intervalNs: 1000 * ms) == pacer.nextNs - pacer.periodNs / 2, "never half a period early")
    }

    @Test func `Every frame is counted once and every reason is named`() {
        let counters = FrameCounters()
        for _ in 0..<5 { counters.capture() }
        counters.infer()
        counters.skip(.busy)
        counters.skip(.busy)
        counters.skip(.corrupt)
        counters.skip(.nobody)
        let frames = counters.snapshot
        #expect(frames.captured == frames.inferred + frames.skipped.values.reduce(0, +))
        #expect(Set(frames.skipped.keys) == ["motion", "rate", "busy", "thermal", "corrupt", "nobody"])
    }

    @Test func `Evaluation counts, ranks and names what is confused`() {
        var evaluation = Evaluation(labels: ["a", "b", "c", "d", "e", "f"])
        evaluation.add(logits: [3, 1, 0, 0, 0, 0], truth: 0)
        evaluation.add(logits: [3, 1, 0, 0, 0, 0], truth: 1)
        evaluation.add(logits: [3, 1, 0, 0, 0, -1], truth: 5)
        evaluation.add(logits: [1, 1, 1, 1, 1, 1], truth: 0)
        #expect(evaluation.photos == 4 && evaluation.topOne == 2 && evaluation.topFive == 3)
        #expect(evaluation.topOneAccuracy == 0.5)
        #expect(evaluation.worstConfusions(1).first?.truth == 1)
        #expect(Evaluation.best([1, 2, 2]) == 1, "the first of equal ones")
    }

    @Test func `Two models on the same photos: what one loses, and how much of it may be chance`() {
        var pair = PairedEvaluation()
        for _ in 0..<90 { pair.add(first: [4, 1], second: [4, 1], truth: 0) }
        for _ in 0..<7 { pair.add(first: [1, 2], second: [2, 1], truth: 0) }
        for _ in 0..<3 { pair.add(first: [2, 1], second: [1, 2], truth: 0) }
        #expect(pair.agreement == 0.9 && pair.onlySecond == 7 && pair.onlyFirst == 3)
        #expect(abs(pair.loss - 4) < 1e-9)
        // 196 * sqrt((0.1 - 0.04^2) / 100)
        #expect(abs(pair.interval - 6.148) < 0.001)
        // 90 pictures of energy 2 * 1.5^2 and 10 of 2 * 0.5^2; ten differ by 1 in each of two logits.
        #expect(abs((pair.decibels ?? 0) - 13.118) < 0.001)
        // p = e/(1+e), q = 1-p: p ln(p/q) + q ln(q/p) = p - q
        #expect(abs(pair.divergence - 0.046212) < 1e-6)
        #expect(PairedEvaluation().agreement == 1 && PairedEvaluation().interval == 0)
    }

    @Test func `The default model is looked for above the program and in the system's folder`() {
        let paths = ModelLocator.candidates(program: "/home/me/tarsier/.build/x86_64/release/tarsier")
        #expect(paths.contains("/home/me/tarsier/models/sm_v2.int8.safetensors"))
        #expect(paths.last == "/usr/share/tarsier/models/sm_v2.int8.safetensors")
        #expect(
            ModelLocator.candidates(program: "/usr/bin/tarsier").first
                == "/usr/share/tarsier/models/sm_v2.int8.safetensors")
    }
}
