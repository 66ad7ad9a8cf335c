import NIOCore
import Publishing
import TarsierClient
import Testing
import Wire

@testable import Publishing

/// A client that comes back is told the state events of the meantime.
@Suite(.timeLimit(.minutes(1)))
struct ResumeTests {
    private func power(_ threads: Int) -> StateEvent { .power(PowerEvent(threads: threads, rate: nil, cause: "test")) }

    private func threads(_ messages: [ServerMessage]) -> [Int] {
        messages.compactMap { if case .power(let event) = $0 { event.threads } else { nil } }
    }

    @Test func whatWasMissedFollowsTheReplyAndNothingComesTwice() async throws {
        let fixture = try Fixture { $0.shutdownGrace = .seconds(20) }
        for n in 1...10 { fixture.server.publish(power(n)) }
        var client = try await TestClient(path: fixture.path)
        let hello = try #require(try await client.hello())
        #expect(hello.stateSeq == 10)
        // Sent as it comes, to the default subscription: not to be sent again.
        fixture.server.publish(power(11))
        let live = try await client.next { if case .power(let event) = $0 { event.threads } else { nil } }
        #expect(live == 11)
        let reply = try await client.subscribe(
            Subscription(events: [.power], resume: .init(run: hello.run, stateSeq: 7)))
        #expect(reply?.outcome == .success(.resumed(Resumption(replayed: 3, lost: 0))))
        fixture.server.publish(power(12))
        fixture.server.shutdown()
        #expect(threads(try await client.rest()) == [8, 9, 10, 12])
    }

    @Test func anotherRunIsNotMixedUp() async throws {
        let fixture = try Fixture()
        fixture.server.publish(power(1))
        var client = try await TestClient(path: fixture.path)
        let reply = try await client.subscribe(Subscription(resume: .init(run: "another", stateSeq: 0)))
        #expect(reply?.outcome == .success(.resumed(Resumption(replayed: 0, lost: nil))))
    }

    @Test func whatIsForgottenIsCounted() {
        var memory = StateMemory(capacity: 4)
        for n in 1...10 as ClosedRange<UInt64> {
            memory.add(power(Int(n)).numbered(n), line: ByteBuffer(string: "\(n)"))
        }
        let all = Subscription()
        for after in 0...12 as ClosedRange<UInt64> {
            for upTo in after...12 where upTo <= 10 {
                let (resumption, lines) = memory.replay(all, after: after, upTo: upTo)
                #expect(UInt64(resumption.replayed) + (resumption.lost ?? 0) == upTo - after)
                #expect(lines.map { String(buffer: $0) } == (max(after, 6)..<max(upTo, 6)).map { "\($0 + 1)" })
            }
        }
        #expect(memory.replay(Subscription(events: [.camera]), after: 6, upTo: 10).0.replayed == 0)
        #expect(memory.replay(all, after: .max, upTo: 10).0 == Resumption(replayed: 0, lost: 0))
    }

    @Test func theLibraryLosesNoStateEventOverLostConnections() async throws {
        let gauge = Gauge()
        // Every connection is cut as soon as the client falls behind by more than a few state events.
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) })) {
            $0.sendBufferBytes = 4096
            $0.hardMessages = 24
            $0.rememberedStates = 4096
        }
        let backoff = Backoff(initial: .milliseconds(1), maximum: .milliseconds(5))
        var events = TarsierClient(path: fixture.path).events(reconnect: backoff).makeAsyncIterator()
        var (seen, lost) = ([UInt64](), 0)
        guard case .connected? = try await events.next() else {
            Issue.record("not connected")
            return
        }
        let total = 3000
        for n in 1...total {
            fixture.server.publish(power(n))
            // The server's thread must see them all: its mailbox holds 256.
            if n % 100 == 0 {
                var witness = try await TestClient(path: fixture.path)
                _ = try await witness.hello()
                try await witness.close()
            }
        }
        while seen.count < total, let event = try await events.next() {
            switch event {
            case .power(let event): seen.append(event.stateSeq ?? 0)
            case .disconnected: lost += 1
            default: break
            }
        }
        #expect(seen == (1...UInt64(total)).map { $0 })
        #expect(lost > 0, "the connection was to be lost at least once")
    }
}
