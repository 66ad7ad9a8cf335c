internal import LinuxIO
package import Planning

/// How long each step of a plan takes, and whether the steps explain the whole.
///
/// Timed inferences alternate with plain ones, so that both meet the same clock and the same neighbours; the whole is the
/// plain ones', which no timer disturbs.
package struct StepBench: Sendable {
    /// Times of one step, in nanoseconds.
    package struct Row: Sendable {
        package let step: Step
        package let minimum: UInt64
        package let median: UInt64
    }

    /// In the plan's order.
    package let rows: [Row]
    /// Median latency of the plain inferences, in nanoseconds.
    package let wholeMedian: UInt64

    /// The sum of the steps' medians as a share of the whole: near 1 where the table explains the latency.
    package var explained: Double {
        Double(rows.reduce(0) { $0 + $1.median }) / Double(max(1, wholeMedian))
    }

    /// How far `explained` may be from 1 for the table to be believed.
    package static let tolerance = 0.05

    /// - Parameter runs: inferences of each kind; at least 1.
    package init(_ session: Session, threads: Int, runs: Int) {
        precondition(runs >= 1)
        for _ in 0..<10 { session.run(threads: threads) }
        var whole: [UInt64] = []
        var times = [[UInt64]](repeating: [], count: session.plan.steps.count)
        for _ in 0..<runs {
            let begin = MonotonicClock.now()
            session.run(threads: threads)
            whole.append(MonotonicClock.now() - begin)
            for (index, time) in session.runTimed(threads: threads).enumerated() { times[index].append(time) }
        }
        wholeMedian = whole.sorted()[runs / 2]
        rows = zip(session.plan.steps, times).map { step, times in
            let sorted = times.sorted()
            return Row(step: step, minimum: sorted[0], median: sorted[sorted.count / 2])
        }
    }
}
