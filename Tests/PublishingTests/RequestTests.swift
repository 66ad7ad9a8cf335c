import NIOCore
import Publishing
import Synchronization
import Testing
import Wire

@Suite(.timeLimit(.minutes(1)))
struct RequestTests {
    private func ask(_ fixture: Fixture, _ lines: String) async throws -> Reply? {
        var client = try await TestClient(path: fixture.path)
        try await client.send(lines)
        return try await client.reply()
    }

    private static let status = Status(
        version: "0.1.0", model: Fixture.identity().model, camera: Fixture.identity().camera, uptimeMs: 1000,
        power: PowerEvent(threads: 1, rate: nil, cause: "start"), frames: Status.Frames(captured: 3, inferred: 3))

    @Test func pingIsAnsweredWithItsNumber() async throws {
        let fixture = try Fixture()
        let reply = try await ask(fixture, "{\"op\":\"ping\",\"id\":\"a\"}\n")
        #expect(reply == Reply(id: .text("a"), outcome: .success(.none)))
    }

    @Test func aClientThatClosesItsSendingSideIsStillAnsweredAndGoesOnListening() async throws {
        let fixture = try Fixture()
        var client = try await TestClient(path: fixture.path)
        // As `printf '{"op":"ping"}' | socat - UNIX:...` does: the end of input stands for the newline.
        try await client.send(#"{"op":"ping"}"#)
        try await client.closeOutput()
        #expect(try await client.reply() == Reply(id: nil, outcome: .success(.none)))
        fixture.server.publish(Fixture.result(1))
        #expect(try await client.result()?.seq == 1)
    }

    @Test func statusHasTheDaemonsPartAndTheSocketsOwn() async throws {
        let fixture = try Fixture(handlers: ServerHandlers(status: { RequestTests.status }))
        let reply = try await ask(fixture, "{\"op\":\"status\"}\n")
        guard case .success(.status(let status)) = reply?.outcome else {
            Issue.record("no status in \(String(describing: reply))")
            return
        }
        #expect(status.frames == RequestTests.status.frames && status.clients.connected == 1)
        #expect(status.clients.subscribed == 1 && status.clients.accepted == 1)
    }

    @Test func metricsAndLabelsAreAnswered() async throws {
        let fixture = try Fixture(handlers: ServerHandlers(metrics: { _, _ in "tarsier_clients 1\n" }))
        #expect(try await ask(fixture, "{\"op\":\"metrics\"}\n")?.outcome == .success(.metrics("tarsier_clients 1\n")))
        #expect(try await ask(fixture, "{\"op\":\"labels\"}\n")?.outcome == .success(.labels(["cat", "dog"])))
    }

    private static let picture = Picture(frame: 7, monotonicNs: 8, width: 2, height: 3, jpeg: [0xFF, 0xD8, 0, 1, 2])

    @Test func aPictureComesWhenItIsThereAndRepliesStayInOrder() async throws {
        let waiting = Mutex<ServerHandlers.PictureAnswer?>(nil)
        let asked = Gauge()
        var handlers = ServerHandlers()
        handlers.picture = { answer in
            waiting.withLock { $0 = answer }
            asked.set(1)
        }
        let fixture = try Fixture(handlers: handlers)
        var client = try await TestClient(path: fixture.path)
        try await client.send("{\"op\":\"picture\",\"id\":1}\n{\"op\":\"ping\",\"id\":2}\n")
        await asked.wait(for: 1)
        // Results go on meanwhile.
        fixture.server.publish(Fixture.result(1))
        #expect(try await client.result()?.seq == 1)
        waiting.withLock { $0 }?(.success(RequestTests.picture))
        #expect(try await client.reply() == Reply(id: .number(1), outcome: .success(.picture(RequestTests.picture))))
        #expect(try await client.reply() == Reply(id: .number(2), outcome: .success(.none)))
    }

    @Test func aPictureForAClientThatWentIsNobodys() async throws {
        let waiting = Mutex<ServerHandlers.PictureAnswer?>(nil)
        let asked = Gauge()
        var handlers = ServerHandlers()
        handlers.picture = { answer in
            waiting.withLock { $0 = answer }
            asked.set(1)
        }
        let fixture = try Fixture(handlers: handlers)
        do {
            let client = try await TestClient(path: fixture.path)
            try await client.send("{\"op\":\"picture\"}\n")
            await asked.wait(for: 1)
            try await client.channel.close()
        }
        waiting.withLock { $0 }?(.success(RequestTests.picture))
        #expect(try await ask(fixture, "{\"op\":\"ping\"}\n")?.outcome == .success(.none))
    }

    @Test func whatTheDaemonCannotAnswerYetIsUnavailable() async throws {
        let fixture = try Fixture()
        for op in ["\"status\"", "\"metrics\"", "\"picture\"", "\"set\",\"values\":{\"rate\":1}"] {
            guard case .failure(let error) = try await ask(fixture, "{\"op\":\(op)}\n")?.outcome else {
                Issue.record("\(op) was answered")
                continue
            }
            #expect(error.code == .unavailable)
        }
    }

    @Test func settingsReachTheDaemonOfTheSameUser() async throws {
        let seen = Mutex<[String: SettingValue]>([:])
        let fixture = try Fixture(
            handlers: ServerHandlers(set: { values in
                seen.withLock { $0 = values }
                let isRate = values.keys.allSatisfy { $0 == "rate" }
                return isRate ? nil : ReplyError(code: .badRequest, message: "no such setting")
            }))
        #expect(try await ask(fixture, "{\"op\":\"set\",\"values\":{\"rate\":5}}\n")?.outcome == .success(.none))
        #expect(seen.withLock { $0 } == ["rate": .number(5)])
        let refused = try await ask(fixture, "{\"op\":\"set\",\"values\":{\"speed\":5}}\n")
        #expect(refused?.outcome == .failure(ReplyError(code: .badRequest, message: "no such setting")))
    }

    @Test func badRequestsAreAnsweredAndTheConnectionStays() async throws {
        let fixture = try Fixture()
        var client = try await TestClient(path: fixture.path)
        let requests = [
            "nonsense\n", "{\"op\":\"fly\",\"id\":2}\n", "{\"op\":\"subscribe\",\"id\":3,\"labels\":[\"cow\"]}\n",
            "{\"op\":\"ping\",\"id\":4}\n",
        ]
        try await client.send(requests.joined())
        var codes: [ReplyError.Code?] = []
        for _ in requests {
            let reply = try #require(try await client.reply())
            if case .failure(let error) = reply.outcome { codes.append(error.code) } else { codes.append(nil) }
        }
        #expect(codes == [.badRequest, .unknownOp, .badRequest, nil])
        fixture.server.publish(Fixture.result(1))
        #expect(try await client.result()?.seq == 1)
    }

    @Test func anAnswerThatFitsNoLineIsAnError() async throws {
        let fixture = try Fixture(labels: (0..<10_000).map { "label number \($0)" })
        guard case .failure(let error) = try await ask(fixture, "{\"op\":\"labels\"}\n")?.outcome else {
            Issue.record("an answer of more than 64 KiB was sent")
            return
        }
        #expect(error.code == .tooLong)
    }

    @Test func aBurstOfRequestsIsAnsweredInOrderHoweverFastItComes() async throws {
        let fixture = try Fixture { $0.requestsPerSecond = 2000 }
        var client = try await TestClient(path: fixture.path)
        try await client.send((0..<3000).map { "{\"op\":\"ping\",\"id\":\($0)}\n" }.joined())
        for n in 0..<3000 as Range<Int64> {
            guard try await client.reply()?.id == .number(n) else {
                Issue.record("reply \(n) is missing")
                return
            }
        }
    }

    @Test(arguments: ["{\"op\":\"ping\"}\n", "\n", " \r\n"])
    func whoAsksMoreThanAHundredTimesASecondIsReadMoreSlowly(line: String) async throws {
        let fixture = try Fixture { $0.requestsPerSecond = 100 }
        var client = try await TestClient(path: fixture.path)
        let start = ContinuousClock.now
        try await client.send(String(repeating: line, count: 300) + "{\"op\":\"ping\",\"id\":1}\n")
        var last: RequestID?
        while last == nil { last = try await #require(client.reply()).id }
        // A hundred at once, two hundred at ten milliseconds each.
        #expect(start.duration(to: .now) >= .milliseconds(1990))
        #expect(last == .number(1))
    }
}
