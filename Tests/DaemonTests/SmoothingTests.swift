import Tensors
import Testing

@testable import Daemon

/// Smoothing: averages, thresholds, runs, arrivals. Pure functions, so most of it is properties over random scores.
@Suite struct SmoothingTests {
    private static let ms: UInt64 = 1_000_000

    private func configuration(
        _ method: SmoothingConfiguration.Method, enter: Double? = nil, leave: Double? = nil, stable: Int = 3,
        unknown: Double = 0.5
    ) -> SmoothingConfiguration {
        SmoothingConfiguration(method: method, enter: enter, leave: leave, stableAfter: stable, unknownBelow: unknown)
    }

    /// Scores like a network's: positive, 1 together, mostly one large one that changes now and then.
    private struct Frames {
        var random: SplitMix64
        let classes: Int
        var favourite = 0

        mutating func next() -> [Float] {
            if Int.random(in: 0..<6, using: &random) == 0 { favourite = Int.random(in: 0..<classes, using: &random) }
            var scores = (0..<classes).map { _ in Float.random(in: 0.01...1, using: &random) }
            scores[favourite] += Float.random(in: 0...8, using: &random)
            let sum = scores.reduce(0, +)
            return scores.map { $0 / sum }
        }
    }

    private static let methods: [SmoothingConfiguration.Method] = [
        .none, .exponential(timeConstantMs: 150), .exponential(timeConstantMs: 0), .majority(window: 1),
        .majority(window: 7),
    ]

    private func forRandomStreams(
        _ method: SmoothingConfiguration.Method, _ body: (inout Frames, SmoothingConfiguration) -> Void
    ) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var frames = Frames(random: SplitMix64(seed: seed), classes: 4)
            let high = Double.random(in: 0.3...0.9, using: &frames.random)
            let low = Double.random(in: 0...high, using: &frames.random)
            body(
                &frames,
                configuration(
                    method, enter: high, leave: low, stable: Int.random(in: 1...5, using: &frames.random),
                    unknown: Double.random(in: 0...0.6, using: &frames.random)))
        }
    }

    @Test(arguments: methods)
    func `Averaged scores stay scores, and together at most 1`(method: SmoothingConfiguration.Method) {
        forRandomStreams(method) { frames, configuration in
            var average = ScoreAverage(configuration)
            for step in 0..<200 as Range<UInt64> {
                average.add(frames.next(), atNs: step * 33 * SmoothingTests.ms)
                #expect(average.scores.allSatisfy { $0 >= -1e-9 && $0 <= 1 + 1e-6 })
                #expect(average.scores.reduce(0, +) <= 1 + 1e-5)
            }
        }
    }

    @Test(arguments: methods)
    func `A label comes only at the high threshold and goes only below the low one`(
        method: SmoothingConfiguration.Method
    ) {
        forRandomStreams(method) { frames, configuration in
            var smoother = Smoother(configuration)
            var average = ScoreAverage(configuration)
            var before: Int?
            for step in 0..<300 as Range<UInt64> {
                let (scores, now) = (frames.next(), step * 33 * SmoothingTests.ms)
                average.add(scores, atNs: now)
                let belief = smoother.add(scores, atNs: now)
                if belief.index != before {
                    if let index = belief.index {
                        #expect(average.scores[index] >= configuration.enter)
                        #expect(average.scores[index] == average.scores.max())
                    } else if let before {
                        #expect(average.scores[before] < configuration.leave)
                    }
                } else if let index = belief.index {
                    #expect(average.scores[index] >= configuration.leave)
                } else {
                    #expect(average.scores.allSatisfy { $0 < configuration.enter })
                }
                before = belief.index
            }
        }
    }

    @Test(arguments: methods)
    func `Stable means so many equal labels in a row, since the first of them`(method: SmoothingConfiguration.Method) {
        forRandomStreams(method) { frames, configuration in
            var smoother = Smoother(configuration)
            var history: [(index: Int?, atNs: UInt64)] = []
            for step in 0..<300 as Range<UInt64> {
                let now = step * 33 * SmoothingTests.ms
                let belief = smoother.add(frames.next(), atNs: now)
                history.append((belief.index, now))
                let run = history.reversed().prefix { $0.index == belief.index }
                #expect(belief.isStable == (run.count >= configuration.stableAfter))
                #expect(belief.sinceNs == run.last?.atNs)
            }
        }
    }

    @Test(arguments: methods)
    func `Arrivals and departures alternate, never overlap, and add up`(method: SmoothingConfiguration.Method) {
        var seen = 0
        forRandomStreams(method) { frames, configuration in
            var (smoother, tracker) = (Smoother(configuration), PresenceTracker())
            var changes: [PresenceTracker.Change] = []
            var now: UInt64 = 0
            for step in 0..<400 {
                // Now and then the camera is away for longer than anything is remembered.
                now += step % 90 == 89 ? 7000 * SmoothingTests.ms : 33 * SmoothingTests.ms
                let belief = smoother.add(frames.next(), atNs: now)
                changes += tracker.add(belief, atNs: now, forgetAfterNs: 5000 * SmoothingTests.ms)
            }
            if let last = tracker.end() { changes.append(last) }
            #expect(tracker.end() == nil)
            var present: (index: Int, sinceNs: UInt64)?
            var (clock, total) = (UInt64(0), UInt64(0))
            for change in changes {
                switch change {
                case .enter(let index, let score, let atNs):
                    #expect(present == nil && atNs >= clock && score >= 0 && score <= 1)
                    (present, clock) = ((index, atNs), atNs)
                case .leave(let index, let atNs, let durationNs):
                    #expect(present?.index == index && atNs >= clock)
                    #expect(durationNs == atNs - (present?.sinceNs ?? 0))
                    (present, clock) = (nil, atNs)
                    total += durationNs
                }
            }
            #expect(present == nil && total <= now)
            seen += changes.count
        }
        #expect(seen > 40, "a test of nothing")
    }

    @Test func `The average does not depend on how often it is asked`() {
        let configuration = configuration(.exponential(timeConstantMs: 200))
        var (slow, quick) = (ScoreAverage(configuration), ScoreAverage(configuration))
        slow.add([0, 1], atNs: 0)
        quick.add([0, 1], atNs: 0)
        for step in 1...10 as ClosedRange<UInt64> {
            slow.add([1, 0], atNs: step * 100 * SmoothingTests.ms)
            for part in 1...10 as ClosedRange<UInt64> {
                quick.add([1, 0], atNs: ((step - 1) * 100 + part * 10) * SmoothingTests.ms)
            }
            #expect(abs(slow.scores[0] - quick.scores[0]) < 1e-9)
        }
        #expect(slow.scores[0] > 0.99 && slow.scores[0] < 1)
    }

    @Test func `One odd frame changes nothing, a real change does`() {
        var (smoother, tracker) = (Smoother(configuration(.none)), PresenceTracker())
        var said: [String] = []
        let runs: [(scores: [Float], count: Int)] = [
            ([0.9, 0.1], 5), ([0.1, 0.9], 1), ([0.9, 0.1], 4), ([0.1, 0.9], 4), ([0.5, 0.5], 3),
            ([0.3, 0.3], 3),
        ]
        let frames: [[Float]] = runs.flatMap { Array(repeating: $0.scores, count: $0.count) }
        for (step, scores) in frames.enumerated() {
            let now = UInt64(step) * 100 * SmoothingTests.ms
            for change in tracker.add(smoother.add(scores, atNs: now), atNs: now, forgetAfterNs: .max) {
                switch change {
                case .enter(let index, _, let atNs): said.append("\(index) came at \(atNs / SmoothingTests.ms)")
                case .leave(let index, let atNs, let ns):
                    said.append("\(index) went at \(atNs / SmoothingTests.ms) after \(ns / SmoothingTests.ms)")
                }
            }
        }
        #expect(
            said == [
                "0 came at 0", "0 went at 1000 after 1000", "1 came at 1000", "1 went at 1700 after 700",
            ], "\(said)")
    }

    @Test func `A majority needs more than half of the window from the first frame on`() {
        var smoother = Smoother(configuration(.majority(window: 5), enter: 0.6, leave: 0.4, stable: 1))
        let votes: [[Float]] = [
            [0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9], [0.1, 0.9],
        ]
        let labels = votes.enumerated().map { smoother.add($1, atNs: UInt64($0) * SmoothingTests.ms).index }
        #expect(labels == [nil, nil, 0, 0, 0, 1, 1])
        let unsure = (0..<5).map { smoother.add([0.45, 0.4], atNs: UInt64(10 + $0) * SmoothingTests.ms) }
        #expect(unsure.last?.index == nil && unsure.last?.score == 0, "frames below the threshold vote for nothing")
    }

    @Test func `Thresholds are kept in order and folders of pictures are not smoothed`() {
        let odd = configuration(.none, enter: 0.4, leave: 0.9)
        #expect(odd.enter == 0.4 && odd.leave == 0.4)
        let usual = SmoothingRequest().configuration(isStream: true, unknownBelow: 0.5)
        #expect(usual.method == .exponential(timeConstantMs: 150) && usual.enter == 0.5 && usual.leave == 0.4)
        #expect(SmoothingRequest().configuration(isStream: false, unknownBelow: 0.5).method == .none)
        #expect(configuration(.majority(window: 3), unknown: 0.1).enter == 0.5)
    }
}
