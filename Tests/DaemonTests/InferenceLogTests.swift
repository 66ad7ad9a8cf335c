import LinuxIO
import Power
import Synchronization
import Testing

@testable import Daemon

struct InferenceLogTests {
    private static let tenMs = Classifier.Times(decodeNs: 2_000_000, prepareNs: 2_000_000, inferNs: 3_000_000)

    @Test func `The shortest inference since the last look is told, once`() {
        let log = InferenceLog()
        log.add(threads: 2, times: Classifier.Times(decodeNs: 9, prepareNs: 1, inferNs: 7))
        log.add(threads: 2, times: Classifier.Times(decodeNs: 5, prepareNs: 1, inferNs: 8))
        let told = log.take()
        #expect(told?.threads == 2 && told?.latencyNs == 7 && told?.preparationNs == 6)
        #expect(log.take() == nil)
        log.add(threads: 2, times: Classifier.Times(decodeNs: 9, prepareNs: 1, inferNs: 7))
        log.add(threads: 1, times: Classifier.Times(decodeNs: 9, prepareNs: 1, inferNs: 12))
        #expect(log.take()?.latencyNs == 12)
    }

    @Test func `A burst of work ends a long pause, once`() {
        let log = InferenceLog()
        var rings: UInt32 { log.changes.value.load(ordering: .acquiring) }
        for _ in 0..<100 { log.add(threads: 2, times: InferenceLogTests.tenMs) }
        #expect(rings == 0, "nobody asked")
        _ = log.take()
        log.announce(after: 35_000_000)
        for _ in 0..<3 { log.add(threads: 2, times: InferenceLogTests.tenMs) }
        #expect(rings == 0)
        log.add(threads: 2, times: InferenceLogTests.tenMs)
        #expect(rings == 1)
        for _ in 0..<100 { log.add(threads: 2, times: InferenceLogTests.tenMs) }
        #expect(rings == 1)
    }

    @Test func `A look forgets what the bell was set to`() {
        let log = InferenceLog()
        log.announce(after: 1)
        _ = log.take()
        log.add(threads: 1, times: InferenceLogTests.tenMs)
        #expect(log.changes.value.load(ordering: .acquiring) == 0)
    }
}
