import NIOCore
import Publishing
import Testing
import Wire

/// One client does something bad; another one, connected all along, must not notice.
@Suite(.timeLimit(.minutes(1)))
struct HostileClientTests {
    /// Whether `client` still gets results, state events and answers.
    private func expectServed(_ client: inout TestClient, by fixture: Fixture, seq: UInt64) async throws {
        try await client.send("{\"op\":\"ping\",\"id\":\(seq)}\n")
        #expect(try await client.reply()?.id == .number(Int64(seq)))
        fixture.server.publish(Fixture.result(seq, label: "label \(seq)"))
        #expect(try await client.result()?.seq == seq)
    }

    private func bystander(_ fixture: Fixture) async throws -> TestClient {
        var client = try await TestClient(path: fixture.path)
        _ = try await client.hello()
        return client
    }

    @Test func garbageIsAnsweredWithErrors() async throws {
        let fixture = try Fixture()
        var other = try await bystander(fixture)
        var hostile = try await TestClient(path: fixture.path)
        let garbage = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }
        try await hostile.channel.writeAndFlush(ByteBuffer(bytes: garbage + [0x0A]))
        guard case .failure(let error) = try await hostile.reply()?.outcome else {
            Issue.record("garbage was understood")
            return
        }
        #expect(error.code == .badRequest)
        try await expectServed(&other, by: fixture, seq: 1)
    }

    @Test func aLineWithoutEndIsToldSoAndDisconnected() async throws {
        let fixture = try Fixture()
        var other = try await bystander(fixture)
        var hostile = try await TestClient(path: fixture.path)
        let endless = ByteBuffer(repeating: 0x61, count: 1 << 20)
        hostile.channel.writeAndFlush(endless, promise: nil)
        let reply = try #require(try await hostile.reply())
        #expect(reply == RequestError.tooLong.reply)
        #expect(try await hostile.next() == nil)
        try await expectServed(&other, by: fixture, seq: 1)
        #expect(fixture.server.counters.disconnects == ["too_long": 1])
    }

    @Test func aClientThatNeverReadsIsDisconnectedForIt() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) })) {
            $0.stallTimeout = .milliseconds(100)
            $0.sendBufferBytes = 4096
        }
        let deaf = try await TestClient(path: fixture.path, isReading: false)
        try await deaf.subscribeUnheard(Subscription(mode: .every), gauge: gauge)
        var other = try await bystander(fixture)
        await gauge.wait(for: 2)
        for n in 1...500 as ClosedRange<UInt64> { fixture.server.publish(Fixture.result(n)) }
        await gauge.wait(for: 1)
        try await expectServed(&other, by: fixture, seq: 1000)
        #expect(fixture.server.counters.disconnects == ["stalled": 1])
    }

    @Test func aClientThatAsksAndNeverReadsCostsABoundedAmount() async throws {
        let gauge = Gauge()
        let labels = (0..<2000).map { "label number \($0)" }
        let fixture = try Fixture(
            handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }), labels: labels
        ) {
            $0.stallTimeout = .milliseconds(100)
            $0.sendBufferBytes = 4096
        }
        let deaf = try await TestClient(path: fixture.path, isReading: false)
        await gauge.wait(for: 1)
        let requests = String(repeating: "{\"op\":\"labels\"}\n", count: 10_000)
        deaf.channel.writeAndFlush(ByteBuffer(string: requests), promise: nil)
        await gauge.wait(for: 0)
        #expect(fixture.server.counters.disconnects == ["stalled": 1])
        // Fifty answers would be 1.8 MB.
        #expect(fixture.server.counters.bytesSent < 200_000)
    }

    @Test func clientsThatCloseAtOnceAreForgotten() async throws {
        let fixture = try Fixture()
        var other = try await bystander(fixture)
        for _ in 0..<100 {
            let client = try await TestClient(path: fixture.path)
            try await client.close()
        }
        try await expectServed(&other, by: fixture, seq: 1)
    }

    @Test func clientsOverTheLimitAreToldSo() async throws {
        let fixture = try Fixture { $0.maxClients = 2 }
        var one = try await bystander(fixture)
        var two = try await bystander(fixture)
        var three = try await TestClient(path: fixture.path)
        let messages = try await three.rest()
        guard messages.count == 1, case .reply(let reply)? = messages.first, case .failure(let error) = reply.outcome
        else {
            Issue.record("a third client got \(messages)")
            return
        }
        #expect(error.code == .busy && error.message.contains("2 clients"))
        #expect(fixture.server.counters.refused == 1)
        try await expectServed(&one, by: fixture, seq: 1)
        try await expectServed(&two, by: fixture, seq: 2)
    }
}
