import Testing

@testable import Daemon

@Suite struct StatusLineTests {
    @Test func `While results come there is a line every five seconds, with their rate`() {
        var line = StatusLine(nowNs: 0)
        #expect(line.afterResult(nowNs: 4_999_999_999, inferred: 49, threads: 1, subscribers: 1) == nil)
        let first = line.afterResult(nowNs: 5_000_000_000, inferred: 49, threads: 1, subscribers: 1)
        #expect(first == "camera ok, 9.8 results a second, 1 thread, 1 subscriber")
        #expect(line.afterResult(nowNs: 9_000_000_000, inferred: 80, threads: 1, subscribers: 1) == nil)
        let second = line.afterResult(nowNs: 10_000_000_000, inferred: 99, threads: 2, subscribers: 0)
        #expect(second == "camera ok, 10.0 results a second, 2 threads, 0 subscribers")
    }

    @Test func `A rest is explained only when frames come and nobody listens`() {
        var line = StatusLine(nowNs: 0)
        #expect(line.afterRest(nowNs: 1, captured: 0, inferred: 0, subscribers: 0) == nil)
        #expect(line.afterRest(nowNs: 2, captured: 5, inferred: 0, subscribers: 0)?.contains("resting") == true)
        #expect(line.afterRest(nowNs: 3, captured: 5, inferred: 0, subscribers: 0) == nil)
        #expect(line.afterRest(nowNs: 4, captured: 9, inferred: 0, subscribers: 1) == nil)
    }
}
