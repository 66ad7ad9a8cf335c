import FoundationEssentials
import Glibc
import LinuxIO
import NIOCore
import NIOPosix
import Publishing
import TarsierClient
import Testing

/// TarsierClient as a program uses it, against the real server.
@Suite(.timeLimit(.minutes(1)))
struct ClientLibraryTests {
    private let patient = Backoff(initial: .milliseconds(1), maximum: .milliseconds(20))

    @Test func eventsComeInOrderAndTheSequenceEndsWithTheDaemon() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }))
        let stream = TarsierClient(path: fixture.path).events(subscription: Subscription(mode: .every), reconnect: nil)
        var events = stream.makeAsyncIterator()
        guard case .connected(let hello)? = try await events.next() else {
            Issue.record("not connected")
            return
        }
        #expect(hello.model.name == "SM_V2")
        for n in 1...500 as ClosedRange<UInt64> {
            fixture.server.publish(Fixture.result(n))
            #expect(try await events.next() == .result(Fixture.result(n)))
        }
        fixture.server.publish(.camera(CameraEvent(state: .ended, cause: "end of file")))
        fixture.server.shutdown()
        #expect(try await events.next() == .camera(CameraEvent(state: .ended, cause: "end of file", stateSeq: 1)))
        #expect(try await events.next() == nil)
        #expect(try await events.next() == nil)
    }

    @Test func aClientWaitsForTheDaemonAndComesBackAfterARestart() async throws {
        let directory = try Fixture.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/s"
        var events = TarsierClient(path: path).events(reconnect: patient).makeAsyncIterator()
        guard case .disconnected(let error, _)? = try await events.next() else {
            Issue.record("connected to nothing")
            return
        }
        #expect(error.code == .notRunning && error.message.contains(path))
        for round in 1...3 as ClosedRange<UInt64> {
            let server = ResultServer(configuration: ServerConfiguration(path: path), identity: Fixture.identity())
            try server.start()
            var event = try await events.next()
            while case .disconnected? = event { event = try await events.next() }
            guard case .connected? = event else {
                Issue.record("round \(round): \(String(describing: event))")
                return
            }
            server.publish(Fixture.result(round))
            #expect(try await events.next() == .result(Fixture.result(round)))
            server.shutdown()
            guard case .disconnected(let error, let pause)? = try await events.next() else {
                Issue.record("the end went unnoticed")
                return
            }
            #expect(error.code == .disconnected && pause == .milliseconds(1))
        }
    }

    @Test func aRefusedSubscriptionEndsTheSequenceWithTheDaemonsWords() async throws {
        let fixture = try Fixture()
        var events = TarsierClient(path: fixture.path).events(subscription: Subscription(labels: ["cow"]))
            .makeAsyncIterator()
        do {
            let event = try await events.next()
            Issue.record("got \(String(describing: event))")
        } catch let error as TarsierError {
            #expect(error.code == .rejected && error.message.contains("\"cow\""))
            #expect(error.reply?.code == .badRequest)
        }
        #expect(try await events.next() == nil)
    }

    @Test func leavingTheLoopClosesTheConnection() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }))
        for try await event in TarsierClient(path: fixture.path).events() {
            guard case .connected = event else { continue }
            break
        }
        await gauge.wait(for: 0)
        #expect(fixture.server.counters.connected == 0)
    }

    @Test func cancellingTheTaskEndsTheWait() async throws {
        let gauge = Gauge()
        let fixture = try Fixture(handlers: ServerHandlers(subscribersChanged: { gauge.set($0) }))
        let path = fixture.path
        let task = Task { () -> Bool in
            do {
                for try await _ in TarsierClient(path: path).events() {}
                return false
            } catch is CancellationError {
                return true
            }
        }
        await gauge.wait(for: 1)
        task.cancel()
        #expect(try await task.value)
        await gauge.wait(for: 0)
    }

    @Test func aReaderThatTakesNothingIsSlowToTheServerToo() async throws {
        let fixture = try Fixture {
            $0.sendBufferBytes = 4096
            $0.shutdownGrace = .seconds(20)
        }
        let stream = TarsierClient(path: fixture.path).events(subscription: Subscription(mode: .every), reconnect: nil)
        var events = stream.makeAsyncIterator()
        _ = try await events.next()
        var witness = try await TestClient(path: fixture.path)
        _ = try await witness.subscribe(Subscription(mode: .every))
        for n in 1...2000 as ClosedRange<UInt64> {
            fixture.server.publish(Fixture.result(n))
            _ = try await witness.result()
        }
        #expect(fixture.server.counters.conflated > 0)
        var (dropped, received) = (UInt64(0), UInt64(0))
        loop: while let event = try await events.next() {
            switch event {
            case .gap(let gap): dropped += gap.dropped
            case .result(let result):
                received += 1
                if result.seq == 2000 { break loop }
            default: Issue.record("unexpected \(event)")
            }
        }
        #expect(dropped > 0 && dropped + received == 2000)
    }

    @Test func singleQuestionsAreAnswered() async throws {
        let fixture = try Fixture(
            handlers: ServerHandlers(
                metrics: { _, _ in "tarsier_clients 1\n" },
                set: { $0["rate"] == .number(5) ? nil : ReplyError(code: .badRequest, message: "rate is 5") }))
        let client = TarsierClient(path: fixture.path)
        #expect(try await client.labels() == ["cat", "dog"])
        #expect(try await client.metrics() == "tarsier_clients 1\n")
        #expect(try await client.ping() < .seconds(5))
        try await client.set(["rate": .number(5)])
        await #expect(throws: TarsierError.self) { try await client.set(["rate": .number(6)]) }
        let error = await #expect(throws: TarsierError.self) { try await client.status() }
        #expect(error?.reply?.code == .unavailable)
    }

    @Test func aDaemonThatIsNotThereIsNamed() async {
        let error = await #expect(throws: TarsierError.self) {
            try await TarsierClient(path: "/nowhere-at-all/s").ping()
        }
        #expect(error?.code == .notRunning && error?.message.contains("/nowhere-at-all/s") == true)
        let long = await #expect(throws: TarsierError.self) {
            try await TarsierClient(path: String(repeating: "x", count: 200)).ping()
        }
        #expect(long?.code == .badPath)
    }

    /// What something that is no daemon says to everybody, and what is told of it.
    enum Impostor: CaseIterable {
        case talker, distracted, boaster, lineWithoutEnd, depth, foreigner

        static let hello =
            #"{"type":"hello","proto":1,"version":"1","run":"r","state":0,"model":{"name":"x","sha256":"ab","labels":2,"#
            + #""input":[224,224,3]},"camera":{"id":"c","state":"ok"}}"# + "\n"

        static let promise = #"{"type":"reply","id":1,"ok":true,"resumed":{"replayed":3,"lost":0}}"# + "\n"

        var script: (words: String, complaint: String) {
            let hello = Impostor.hello
            let talk = String(repeating: #"{"type":"camera","state":"lost","cause":"x"}"# + "\n", count: 5000)
            let (promise, rain) = (Impostor.promise, String(repeating: #"{"type":"rain"}"# + "\n", count: 5000))
            let boast = #"{"type":"reply","id":1,"ok":true,"resumed":{"replayed":1000000000,"lost":null}}"# + "\n"
            return switch self {
            case .talker: (hello + talk, "without end")
            // Promises events and says something else.
            case .distracted: (hello + promise + rain, "without end")
            case .boaster: (hello + boast + talk, "remembers 1000000000 events")
            case .lineWithoutEnd: (hello + String(repeating: " ", count: 70_000), "a line of more than 65536 bytes")
            case .depth: (String(repeating: "[", count: 60_000) + "\n", "not JSON")
            case .foreigner: (hello.replacing(#""proto":1"#, with: #""proto":999"#), "protocol 999")
            }
        }
    }

    /// And what it says is not kept without end.
    @Test(arguments: Impostor.allCases) func somethingThatIsNoDaemonIsLeft(impostor: Impostor) async throws {
        let (words, complaint) = impostor.script
        let directory = try Fixture.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await listen(directory + "/s", saying: words)
        defer { server.close(promise: nil) }
        var events = TarsierClient(path: directory + "/s").events(reconnect: patient).makeAsyncIterator()
        // Where the connection is closed before the subscription is sent, that is told first.
        let error = await #expect(throws: TarsierError.self) {
            while case .disconnected? = try await events.next() {}
        }
        #expect(error?.code == .protocolError && error?.message.contains(complaint) == true, "\(error?.message ?? "")")
    }

    @Test func aQuestionIsNotAskedForEver() async throws {
        let directory = try Fixture.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let server = try await listen(directory + "/s", saying: Impostor.hello)
        defer { server.close(promise: nil) }
        let start = ContinuousClock.now
        await #expect(throws: TarsierError.self) { try await TarsierClient(path: directory + "/s").ping() }
        #expect(ContinuousClock.now - start >= .seconds(4))
    }

    /// Says nothing at all; hello and no more; that three events follow, and none, or one, after a later one.
    @Test func aSubscriptionIsNotWaitedForForEver() async throws {
        let (hello, promise) = (Impostor.hello, Impostor.promise)
        let (missed, later) = (1, 9)
        func event(_ number: Int) -> String {
            #"{"type":"camera","state_seq":\#(number),"state":"lost","cause":"x"}"# + "\n"
        }
        let directory = try Fixture.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var servers: [any Channel] = []
        defer { for server in servers { server.close(promise: nil) } }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            let scripts = ["", hello, hello + promise, hello + event(later) + promise + event(missed)]
            for (number, words) in scripts.enumerated() {
                let path = "\(directory)/\(number)"
                servers.append(try await listen(path, saying: words))
                for backoff in [nil, patient] {
                    group.addTask {
                        var events = TarsierClient(path: path).events(reconnect: backoff).makeAsyncIterator()
                        // What was missed and came is delivered first; the later one would hide the two that did not come.
                        if number == 3 {
                            guard case .connected? = try await events.next() else { throw CancellationError() }
                            guard case .camera(let event)? = try await events.next() else { throw CancellationError() }
                            #expect(event.stateSeq == UInt64(missed))
                        }
                        let error: TarsierError?
                        if backoff == nil {
                            error = await #expect(throws: TarsierError.self) { try await events.next() }
                            #expect(try await events.next() == nil)
                        } else if case .disconnected(let reason, .milliseconds(1))? = try await events.next() {
                            error = reason
                        } else {
                            error = nil
                        }
                        #expect(error?.code == .timedOut && error?.message.contains("\(path) did not answer") == true)
                    }
                }
            }
            try await group.waitForAll()
        }
        let took = ContinuousClock.now - start
        #expect(took >= .seconds(4) && took < .seconds(7 * Fixture.patience), "\(took)")
    }

    /// As long as nobody walks by nothing comes, and that is no fault.
    @Test func silenceEndsNoSubscriptionThatWasAnswered() async throws {
        let fixture = try Fixture()
        var events = TarsierClient(path: fixture.path).events(reconnect: patient).makeAsyncIterator()
        guard case .connected? = try await events.next() else {
            Issue.record("not connected")
            return
        }
        // Longer than an answer may take.
        try await Task.sleep(for: .seconds(6))
        fixture.server.publish(Fixture.result(1))
        #expect(try await events.next() == .result(Fixture.result(1)))
        #expect(fixture.server.counters.connected == 1)
    }

    @Test func aFullQueueOfConnectionsIsWaitedFor() async throws {
        let directory = try Fixture.makeDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/s"
        let listener = try UnixSocket.listen(on: path, mode: 0o600, backlog: 0)
        var others: [CInt] = []
        defer { others.forEach { close($0) } }
        let refusal = #expect(throws: SystemError.self) {
            while true { others.append(try UnixSocket.connect(to: path).release()) }
        }
        #expect(refusal?.errno == EAGAIN)
        let full = await #expect(throws: TarsierError.self) { try await TarsierClient(path: path).ping() }
        #expect(full?.code == .busy)
        // Whoever is taken out of the queue is sent away: that is another error.
        let socket = listener.raw
        let doorkeeper = Task {
            while true {
                try await Task.sleep(for: .milliseconds(50))
                close(accept(socket, nil, nil))
            }
        }
        let served = await #expect(throws: TarsierError.self) { try await TarsierClient(path: path).ping() }
        #expect(served?.code == .disconnected || served?.code == .timedOut)
        doorkeeper.cancel()
        _ = await doorkeeper.result
        withExtendedLifetime(listener) {}
    }

    /// Listens to nobody.
    private func listen(_ path: String, saying words: String) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Speaker(words: words))
                }
            }
            .bind(unixDomainSocketPath: path).get()
    }

    @Test func theBackoffDoublesUpToItsMaximum() {
        let backoff = Backoff(initial: .milliseconds(250), maximum: .seconds(5))
        let delays = [0, 1, 2, 3, 4, 5, 100].map { backoff.delay(attempt: $0) }
        let expected: [Duration] = [
            .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5),
        ]
        #expect(delays == expected)
    }
}

/// Says what it has to say to everybody who comes.
private final class Speaker: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let words: String

    init(words: String) { self.words = words }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: words)), promise: nil)
    }
}
