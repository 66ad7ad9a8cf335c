import Testing
import Wire

struct SubscriptionTests {
    private func result(_ label: String, _ score: Double = 0.9, stable: Bool = true) -> ResultEvent {
        var result = Samples.result
        (result.label, result.score, result.stable) = (label, score, stable)
        return result
    }

    /// Which of `results` pass, one a millisecond.
    private func passes(_ subscription: Subscription, _ results: [ResultEvent]) -> [Bool] {
        var filter = SubscriptionFilter(subscription)
        return results.enumerated().map { filter.accepts($1, nowNs: UInt64($0) * 1_000_000) }
    }

    @Test func everyLetsAllThrough() {
        let cat = result("cat")
        #expect(passes(Subscription(mode: .every), [cat, cat, cat]) == [true, true, true])
    }

    @Test func changeLetsThroughTheFirstAndEachNewLabelOrStability() {
        let results = [
            result("cat", stable: false), result("cat", stable: false), result("cat"), result("cat", 0.5),
            result("dog"), result("cat"),
        ]
        #expect(passes(Subscription(), results) == [true, false, true, false, true, true])
    }

    @Test func onlyTheLabelsAskedForPass() {
        let results = [result("dog"), result("cat"), result("bird")]
        #expect(passes(Subscription(labels: ["cat", "bird"], mode: .every), results) == [false, true, true])
        #expect(passes(Subscription(labels: [], mode: .every), results) == [false, false, false])
    }

    @Test func aLabelThatWentAndCameBackIsNews() {
        let results = [result("cat"), result("dog"), result("cat"), result("cat", 0.1), result("cat")]
        let subscription = Subscription(labels: ["cat"], minScore: 0.5)
        #expect(passes(subscription, results) == [true, false, true, false, true])
    }

    @Test func theThresholdItselfPassesAndNoNumberNever() {
        let results = [result("cat", 0.6), result("cat", 0.5999), result("cat", .nan)]
        #expect(passes(Subscription(minScore: 0.6, mode: .every), results) == [true, false, false])
    }

    @Test func withoutTheResultEventNoneComes() {
        #expect(passes(Subscription(events: [.power, .camera], mode: .every), [result("cat")]) == [false])
    }

    @Test(arguments: [0.5, 1, 4, 5, 7, 29.9, 30, 100]) func theRateIsKeptOnAverage(maxRate: Double) {
        var filter = SubscriptionFilter(Subscription(mode: .every, maxRate: maxRate))
        let (frames, seconds) = (30, 60)
        var passed: [Int] = []
        for frame in 0..<(frames * seconds)
        where filter.accepts(result("cat"), nowNs: UInt64(frame) * 1_000_000_000 / UInt64(frames)) {
            passed.append(frame)
        }
        let expected = min(maxRate, Double(frames)) * Double(seconds)
        #expect(abs(Double(passed.count) - expected) <= 1.5)
    }

    @Test func aPauseDoesNotSaveUpResults() {
        var filter = SubscriptionFilter(Subscription(mode: .every, maxRate: 10))
        let times: [UInt64] = [0, 5000, 5010, 5090, 5100, 5150, 5200]
        let passed = times.map { filter.accepts(result("cat"), nowNs: $0 * 1_000_000) }
        #expect(passed == [true, true, false, false, true, false, true])
    }

    @Test func aChangeHeldBackByTheRateComesLaterUnlessUndone() {
        var filter = SubscriptionFilter(Subscription(maxRate: 1))
        let steps: [(label: String, ms: UInt64, passes: Bool)] = [
            ("cat", 0, true), ("dog", 100, false), ("dog", 500, false), ("dog", 1000, true), ("bird", 1100, false),
            ("dog", 1200, false), ("dog", 2500, false), ("bird", 2600, true),
        ]
        for step in steps {
            #expect(filter.accepts(result(step.label), nowNs: step.ms * 1_000_000) == step.passes, "\(step)")
        }
    }
}
