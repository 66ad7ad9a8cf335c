import Tensors
import Testing
import Wire

struct ServerMessageTests {
    static let samples: [ServerMessage] = [
        .hello(Samples.hello), .result(Samples.result), .power(Samples.power), .presence(Samples.enter),
        .presence(Samples.leave),
        .power(PowerEvent(threads: 2, rate: nil, cause: "")),
        .camera(CameraEvent(state: .lost, cause: "unplugged")), .gap(Gap(dropped: 12)),
        .hello(Hello(version: "1", model: Samples.model, camera: Samples.camera, last: nil)),
        .reply(Reply(id: .number(1), outcome: .success(.none))),
        .reply(Reply(id: nil, outcome: .success(.none))),
        .reply(Reply(id: .text("a\"b"), outcome: .success(.labels(["cat", "Größe", ""])))),
        .reply(Reply(id: .number(-1), outcome: .success(.metrics("# TYPE a counter\na{b=\"c\"} 1\n")))),
        .reply(Reply(id: .number(.max), outcome: .success(.status(Samples.status)))),
        .reply(Reply(id: .number(2), outcome: .failure(ReplyError(code: .forbidden, message: "no")))),
        .reply(Reply(id: .number(3), outcome: .success(.resumed(Resumption(replayed: 2, lost: 0))))),
        .reply(Reply(id: .number(3), outcome: .success(.resumed(Resumption(replayed: 0, lost: nil))))),
        .model(Samples.modelEvent),
        .reply(Reply(id: .number(4), outcome: .success(.models(Samples.models)))),
        .reply(
            Reply(
                id: .number(4), outcome: .success(.models(ModelState(current: .init(path: "/m", info: Samples.model)))))
        ),
        .unknown(type: "weather"),
    ]

    @Test(arguments: samples) func everyMessageComesBackFromItsLine(message: ServerMessage) throws {
        let line = message.encodeLine()
        #expect(line.last == 0x0A && !line.dropLast().contains(0x0A))
        #expect(try ServerMessage(line: line) == message)
        #expect(try ServerMessage(line: line.dropLast()) == message)
    }

    @Test func aResultHasTheFieldsOfTheContractInOrder() {
        let line = Samples.text(Samples.result.encodeLine())
        let expected =
            #"{"type":"result","seq":1234,"ts":"2026-01-02T03:04:05.678Z","mono_ns":8123456789,"frame":5678,"#
            + #""label":"cat","score":0.91,"stable":true,"top":[{"index":3,"label":"cat","score":0.91},"#
            + #"{"index":5,"label":"dog","score":0.0421}],"ms":{"age":6.1,"decode":1.2,"prepare":0.2,"infer":1.9},"#
            + #""threads":1,"gap":0}"# + "\n"
        #expect(line == expected)
    }

    @Test func aViewKeepsTypeAndNumberAndWhatWasAskedFor() {
        let view = Subscription(topK: 1, fields: [.score, .top]).view
        let line = Samples.text(Samples.result.encodeLine(view: view))
        let expected = #"{"type":"result","seq":1234,"score":0.91,"top":[{"index":3,"label":"cat","score":0.91}]}"#
        #expect(line == expected + "\n")
    }

    @Test func aScoreThatIsNoNumberIsWrittenAsNull() throws {
        var result = Samples.result
        result.score = .nan
        result.times.age = .infinity
        let text = Samples.text(result.encodeLine())
        #expect(text.contains(#""score":null"#) && text.contains(#""age":null"#))
        result.score = 0
        result.times.age = 0
        #expect(try ServerMessage(line: Array(text.utf8)) == .result(result))
    }

    @Test func fieldsOfANewerDaemonAreIgnored() throws {
        let line = #"{"type":"gap","dropped":3,"since":{"x":[1,2]},"why":null}"#
        #expect(try ServerMessage(line: Array(line.utf8)) == .gap(Gap(dropped: 3)))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "gap", "{}", #"{"type":1}"#, #"{"type":"gap"}"#, #"{"type":"gap","dropped":-1}"#,
        #"{"type":"gap","dropped":"1"}"#, #"{"type":"power","rate":5}"#, #"{"type":"reply","id":1}"#,
        #"{"type":"reply","ok":false}"#, #"{"type":"result"}"#, #"{"type":"hello","proto":1}"#,
        #"{"type":"result","seq":1e99}"#,
    ])
    func anythingElseIsOneError(text: String) {
        #expect(throws: WireError.self) { try ServerMessage(line: Array(text.utf8)) }
    }

    @Test func aLineOverTheLimitIsRefusedUnread() {
        let line = [UInt8](repeating: 0x20, count: WireLimits.lineBytes + 1)
        #expect(throws: WireError.self) { try ServerMessage(line: line) }
    }

    @Test func brokenLinesNeverCrash() {
        var random = SplitMix64.announced()
        for _ in 0..<3000 {
            let sample = ServerMessageTests.samples.randomElement(using: &random)
            var line = sample?.encodeLine() ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<line.count, using: &random)
                line[at] = UInt8.random(in: 0...255, using: &random)
            }
            line.removeLast(Int.random(in: 0..<line.count, using: &random) / 2)
            // Either reading is fine; what it reads as a message must be writable.
            if let message = try? ServerMessage(line: line) { #expect(!message.encodeLine().isEmpty) }
        }
    }
}
