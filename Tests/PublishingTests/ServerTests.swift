import Glibc
import LinuxIO
import Publishing
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct ServerTests {
    @Test func aPlainConnectionGetsHelloThenResultsOnChangeThenStateEvents() async throws {
        let fixture = try Fixture()
        var client = try await TestClient(path: fixture.path)
        let hello = try #require(try await client.hello())
        #expect(hello.proto == 1 && hello.model.labels == 2 && hello.last == nil)
        fixture.server.publish(Fixture.result(1))
        fixture.server.publish(Fixture.result(2))
        fixture.server.publish(Fixture.result(3, label: "dog"))
        fixture.server.publish(.camera(CameraEvent(state: .lost, cause: "unplugged")))
        fixture.server.publish(.power(PowerEvent(threads: 1, rate: 5, cause: "79 C")))
        fixture.server.shutdown()
        #expect(
            try await client.rest() == [
                .result(Fixture.result(1)), .result(Fixture.result(3, label: "dog")),
                .camera(CameraEvent(state: .lost, cause: "unplugged", stateSeq: 1)),
                .power(PowerEvent(threads: 1, rate: 5, cause: "79 C", stateSeq: 2)),
            ])
    }

    @Test func theThousandthWakeTakesNoMoreOfTheStackThanTheFirst() throws {
        let fixture = try Fixture()
        // Forty bytes a wake of the server, kept, would not fit into a stack of an eighth of a megabyte.
        let publisher = try NamedThread(name: "publisher", stackBytes: 1 << 17) {
            for number in 1...8000 as ClosedRange<UInt64> {
                fixture.server.publish(.power(PowerEvent(threads: Int(number), rate: nil, cause: "test")))
                // So that the server has come and must be woken again.
                usleep(30)
            }
        }
        publisher.join()
        fixture.server.shutdown()
    }

    @Test func twoSubscribersSeeEveryStateEventAndRisingNumbersUpToTheEnd() async throws {
        let fixture = try Fixture()
        var one = try await TestClient(path: fixture.path)
        var two = try await TestClient(path: fixture.path)
        #expect(try await one.subscribe(Subscription(mode: .every))?.outcome == .success(.none))
        #expect(try await two.subscribe(Subscription(mode: .every))?.outcome == .success(.none))
        for n in 1...200 as ClosedRange<UInt64> {
            fixture.server.publish(Fixture.result(n))
            if n % 10 == 0 { fixture.server.publish(.power(PowerEvent(threads: Int(n), rate: nil, cause: "test"))) }
        }
        fixture.server.shutdown()
        for messages in [try await one.rest(), try await two.rest()] {
            let powers = messages.compactMap { if case .power(let event) = $0 { event.threads } else { nil } }
            #expect(powers == Array(stride(from: 10, through: 200, by: 10)))
            let numbers = messages.compactMap { if case .result(let event) = $0 { event.seq } else { nil } }
            let lost = messages.compactMap { if case .gap(let gap) = $0 { gap.dropped } else { nil } }.reduce(0, +)
            #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
            #expect(numbers.last == 200)
            #expect(UInt64(numbers.count) + lost == 200)
        }
    }

    @Test func helloCarriesWhatIsPresentAndTheWorkingPoint() async throws {
        let fixture = try Fixture()
        let enter = PresenceEvent(
            change: .enter(score: 0.9), label: "cat", timestamp: Timestamp(unixMilliseconds: 5), monotonicNs: 7)
        fixture.server.publish(.power(PowerEvent(threads: 2, rate: 5, cause: "79 C")))
        fixture.server.publish(.presence(enter))
        var late = try await TestClient(path: fixture.path)
        let hello = try #require(try await late.hello())
        #expect(hello.power == PowerEvent(threads: 2, rate: 5, cause: "79 C") && hello.stateSeq == 2)
        #expect(
            hello.present
                == Presence(label: "cat", since: Timestamp(unixMilliseconds: 5), sinceMonotonicNs: 7))
        var leave = enter
        leave.change = .leave(durationMs: 12)
        fixture.server.publish(.presence(leave))
        var later = try await TestClient(path: fixture.path)
        let second = try #require(try await later.hello())
        #expect(second.present == nil && second.stateSeq == 3 && second.run == hello.run && !hello.run.isEmpty)
    }

    @Test func arrivalsAreFilteredByTheirLabel() async throws {
        let fixture = try Fixture()
        var client = try await TestClient(path: fixture.path)
        _ = try await client.subscribe(Subscription(events: [.presence], labels: ["cat"]))
        for label in ["dog", "cat"] {
            fixture.server.publish(
                .presence(
                    PresenceEvent(
                        change: .enter(score: 1), label: label, timestamp: Timestamp(unixMilliseconds: 0),
                        monotonicNs: 0)))
        }
        let seen = try await client.next { if case .presence(let event) = $0 { event } else { nil } }
        #expect(seen?.label == "cat" && seen?.stateSeq == 2)
    }

    @Test func helloCarriesTheNewestResultAndTheCamerasState() async throws {
        let fixture = try Fixture()
        for n in 1...5 as ClosedRange<UInt64> { fixture.server.publish(Fixture.result(n)) }
        fixture.server.publish(.camera(CameraEvent(state: .lost, cause: "unplugged")))
        var client = try await TestClient(path: fixture.path)
        let hello = try #require(try await client.hello())
        #expect(hello.last == Fixture.result(5))
        #expect(hello.camera == CameraInfo(id: "scene:", state: .lost))
    }

    @Test func clientsWithDifferentViewsGetTheirOwnShapes() async throws {
        let fixture = try Fixture()
        var lean = try await TestClient(path: fixture.path)
        var full = try await TestClient(path: fixture.path)
        _ = try await lean.subscribe(Subscription(topK: 0, fields: [.label, .top]))
        _ = try await full.subscribe(Subscription(mode: .every))
        fixture.server.publish(Fixture.result(1))
        let slim = try #require(try await lean.result())
        #expect(slim.label == "cat" && slim.top.isEmpty && slim.monotonicNs == 0 && slim.seq == 1)
        #expect(try await full.result() == Fixture.result(1))
    }

    @Test func subscribersAreCountedWhileTheyWantResults() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }))
        #expect(!fixture.server.hasSubscribers)
        var client = try await TestClient(path: fixture.path)
        await gauge.wait(for: 1)
        #expect(fixture.server.subscriberCount == 1)
        _ = try await client.subscribe(Subscription(events: [.power]))
        await gauge.wait(for: 0)
        #expect(!fixture.server.hasSubscribers && fixture.server.counters.connected == 1)
        _ = try await client.subscribe(Subscription(events: [.result]))
        await gauge.wait(for: 1)
        try await client.close()
        await gauge.wait(for: 0)
        #expect(fixture.server.counters.disconnects == ["closed": 1])
    }

    @Test func shutdownIsQuickAlsoWithAClientThatNeverReads() async throws {
        let gauge = Gauge()
        let handlers = ServerHandlers(subscribersChanged: { gauge.set($0) })
        let fixture = try Fixture(handlers: handlers) { $0.sendBufferBytes = 4096 }
        let deaf = try await TestClient(path: fixture.path, isReading: false)
        try await deaf.subscribeUnheard(Subscription(mode: .every), gauge: gauge)
        for n in 1...1000 as ClosedRange<UInt64> { fixture.server.publish(Fixture.result(n)) }
        let start = ContinuousClock.now
        fixture.server.shutdown()
        // The grace is 80 ms; the rest is for a busy machine.
        #expect(ContinuousClock.now - start < .milliseconds(500))
    }
}
