import Publishing
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct SlowClientTests {
    @Test func aSlowClientGetsEveryStateEventAGapAndTheNewestWhileOthersGetAll() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) })) {
            $0.sendBufferBytes = 4096
            $0.shutdownGrace = .seconds(20)
        }
        var slow = try await TestClient(path: fixture.path, isReading: false)
        try await slow.subscribeUnheard(Subscription(mode: .every), gauge: gauge)
        var quick = try await TestClient(path: fixture.path)
        _ = try await quick.subscribe(Subscription(mode: .every))
        for n in 1...1000 as ClosedRange<UInt64> {
            fixture.server.publish(Fixture.result(n))
            if n % 20 == 0 { fixture.server.publish(.power(PowerEvent(threads: Int(n), rate: nil, cause: "test"))) }
            // The quick client keeps up; the slow one reads nothing yet.
            #expect(try await quick.result()?.seq == n)
        }
        #expect(fixture.server.counters.conflated > 800)
        try await slow.startReading()
        fixture.server.publish(Fixture.result(1001))
        var messages: [ServerMessage] = []
        while let message = try await slow.next() {
            messages.append(message)
            if case .result(let result) = message, result.seq == 1001 { break }
        }
        let powers = messages.compactMap { if case .power(let event) = $0 { event.threads } else { nil } }
        #expect(powers == Array(stride(from: 20, through: 1000, by: 20)))
        let numbers = messages.compactMap { if case .result(let event) = $0 { event.seq } else { nil } }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        let lost = messages.compactMap { if case .gap(let gap) = $0 { gap.dropped } else { nil } }.reduce(0, +)
        #expect(UInt64(numbers.count) + lost == 1001 && lost == fixture.server.counters.conflated)
        #expect(fixture.server.counters.disconnects.isEmpty)
    }

    @Test func aClientThatTakesNoStateEventsIsDisconnectedAtTheHardCap() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) })) {
            $0.sendBufferBytes = 4096
        }
        let deaf = try await TestClient(path: fixture.path, isReading: false)
        await gauge.wait(for: 1)
        // The mailbox holds 256 of them: what the server has not yet seen must not push out what it has not told.
        for n in 1...3 {
            for _ in 0..<200 {
                fixture.server.publish(.power(PowerEvent(threads: n, rate: nil, cause: "a cause of some length")))
            }
            var witness = try await TestClient(path: fixture.path)
            _ = try await witness.hello()
            try await witness.close()
        }
        await gauge.wait(for: 0)
        // Its stall time is 10 s, so this was not the reason.
        #expect(fixture.server.counters.disconnects["overflow"] != nil)
        withExtendedLifetime(deaf) {}
    }
}
