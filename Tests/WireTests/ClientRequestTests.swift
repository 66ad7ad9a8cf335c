import Tensors
import Testing
import Wire

struct ClientRequestTests {
    static let good: [(String, ClientRequest.Operation)] = [
        (#"{"op":"ping"}"#, .ping), (#" {"op":"status","later":{"a":1}} "# + "\r\n", .status),
        (#"{"op":"metrics"}"#, .metrics), (#"{"op":"labels"}"#, .labels), (#"{"op":"picture"}"#, .picture),
        (#"{"op":"subscribe"}"#, .subscribe(Subscription())),
        (
            #"{"op":"subscribe","events":["result","power"],"labels":["cat"],"min_score":0.6,"mode":"every","#
                + #""max_rate":5,"top_k":3,"fields":["label","mono_ns"]}"#,
            .subscribe(
                Subscription(
                    events: [.result, .power], labels: ["cat"], minScore: 0.6, mode: .every, maxRate: 5, topK: 3,
                    fields: [.label, .monoNs]))
        ),
        (
            #"{"op":"subscribe","events":["presence"],"resume":{"run":"abc","state_seq":17}}"#,
            .subscribe(Subscription(events: [.presence], resume: .init(run: "abc", stateSeq: 17)))
        ),
        (#"{"op":"subscribe","labels":null,"mode":null,"events":[]}"#, .subscribe(Subscription(events: []))),
        (
            #"{"op":"set","values":{"rate":5,"threads":"auto","on":true}}"#,
            .set(["rate": .number(5), "threads": .text("auto"), "on": .bool(true)])
        ),
        (#"{"op":"model"}"#, .model(.show)), (#"{"op":"model","do":"rollback"}"#, .model(.rollback)),
        (#"{"op":"model","do":"set","path":"/a b"}"#, .model(.set(path: "/a b"))),
        (#"{"op":"model","do":"shadow","path":"/s"}"#, .model(.shadow(path: "/s"))),
        (#"{"op":"model","do":"unshadow"}"#, .model(.unshadow)),
    ]

    @Test(arguments: good) func requestsAreRead(text: String, operation: ClientRequest.Operation) throws {
        #expect(try ClientRequest(line: Array(text.utf8)) == ClientRequest(id: nil, operation: operation))
    }

    @Test(arguments: good.map(\.1)) func requestsComeBackFromTheirLines(operation: ClientRequest.Operation) throws {
        for id in [nil, RequestID.number(-5), .text("x\ny")] {
            let request = ClientRequest(id: id, operation: operation)
            #expect(try ClientRequest(line: request.encodeLine()) == request)
        }
    }

    @Test func aRateTooSmallToWriteIsWrittenAsTheSmallest() throws {
        let request = ClientRequest(id: nil, operation: .subscribe(Subscription(maxRate: 1e-9)))
        let smallest = ClientRequest(id: nil, operation: .subscribe(Subscription(maxRate: 1e-6)))
        #expect(try ClientRequest(line: request.encodeLine()) == smallest)
    }

    static let bad: [(String, ReplyError.Code, String)] = [
        ("", .badRequest, "one JSON object"), ("hello", .badRequest, "one JSON object"),
        ("[]", .badRequest, "one JSON object"), ("{\"op\":\"ping\"", .badRequest, "one JSON object"),
        ("{}", .badRequest, "\"op\" is missing"), (#"{"op":null}"#, .badRequest, "\"op\" is missing"),
        (#"{"op":7}"#, .badRequest, "\"op\" must be one of subscribe"),
        (#"{"op":"fly"}"#, .unknownOp, "no op \"fly\"; there are subscribe, status"),
        (#"{"op":"ping","id":1.5}"#, .badRequest, "\"id\" must be"),
        (#"{"op":"ping","id":[1]}"#, .badRequest, "\"id\" must be"),
        (#"{"op":"ping","id":""# + String(repeating: "x", count: 65) + #""}"#, .badRequest, "64 bytes"),
        (#"{"op":"subscribe","events":"result"}"#, .badRequest, "\"events\" must be an array"),
        (#"{"op":"subscribe","events":["result","rain"]}"#, .badRequest, "no \"rain\"; there are camera, model"),
        (#"{"op":"subscribe","labels":[1]}"#, .badRequest, "\"labels\" must be an array of strings"),
        (#"{"op":"subscribe","min_score":"0.5"}"#, .badRequest, "\"min_score\" must be a number"),
        (#"{"op":"subscribe","min_score":1.5}"#, .badRequest, "\"min_score\" must be a number from 0 to 1"),
        (#"{"op":"subscribe","min_score":-0.1}"#, .badRequest, "from 0 to 1"),
        (#"{"op":"subscribe","mode":"sometimes"}"#, .badRequest, "\"mode\" must be \"change\" or \"every\""),
        (#"{"op":"subscribe","max_rate":0}"#, .badRequest, "\"max_rate\" must be a number above 0"),
        (#"{"op":"subscribe","max_rate":1e9}"#, .badRequest, "up to 1000"),
        (#"{"op":"subscribe","top_k":-1}"#, .badRequest, "\"top_k\" must be a whole number"),
        (#"{"op":"subscribe","top_k":2.5}"#, .badRequest, "\"top_k\" must be a whole number"),
        (#"{"op":"subscribe","fields":["label","smell"]}"#, .badRequest, "no \"smell\"; there are frame"),
        (#"{"op":"subscribe","resume":7}"#, .badRequest, "\"resume\" must be an object with \"run\""),
        (#"{"op":"subscribe","resume":{"run":"a","state_seq":-1}}"#, .badRequest, "\"resume\" must be"),
        (
            #"{"op":"subscribe","resume":{"run":""# + String(repeating: "x", count: 65) + #"","state_seq":1}}"#,
            .badRequest, "64 bytes"
        ),
        (#"{"op":"model","do":"fly"}"#, .badRequest, "\"do\" must be show"),
        (#"{"op":"model","do":"set"}"#, .badRequest, "\"path\" must be the absolute path"),
        (#"{"op":"model","do":"set","path":"m"}"#, .badRequest, "\"path\" must be the absolute path"),
        (#"{"op":"set"}"#, .badRequest, "\"values\" must be an object"),
        (#"{"op":"set","values":{}}"#, .badRequest, "\"values\" must be an object"),
        (#"{"op":"set","values":{"rate":[1]}}"#, .badRequest, "\"values\" must be an object"),
        (String(repeating: "[", count: 60_000), .badRequest, "one JSON object"),
    ]

    @Test(arguments: bad) func badRequestsSayWhatIsWrong(text: String, code: ReplyError.Code, words: String) throws {
        let error = #expect(throws: RequestError.self) { try ClientRequest(line: Array(text.utf8)) }
        #expect(error?.error.code == code)
        #expect(error?.error.message.contains(words) == true, "\(error?.error.message ?? "no error")")
    }

    @Test func anErrorKeepsTheRequestsNumber() {
        let line = Array(#"{"mode":"?","op":"subscribe","id":42}"#.utf8)
        let error = #expect(throws: RequestError.self) { try ClientRequest(line: line) }
        #expect(error?.id == .number(42))
    }

    @Test func moreLabelsThanTheLimitAreRefused() {
        let labels = (0...WireLimits.labels).map { "\"\($0)\"" }.joined(separator: ",")
        let line = Array("{\"op\":\"subscribe\",\"labels\":[\(labels)]}".utf8)
        let error = #expect(throws: RequestError.self) { try ClientRequest(line: line) }
        #expect(error?.error.message.contains("the limit is 1024") == true)
    }

    @Test func aRequestOverTheLimitIsTooLong() {
        let error = #expect(throws: RequestError.self) {
            try ClientRequest(line: [UInt8](repeating: 0x20, count: WireLimits.lineBytes + 1))
        }
        #expect(error?.error.code == .tooLong)
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        for bytes in [[0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D], [0x00]] {
            let line = bytes.map { UInt8($0) }
            let error = #expect(throws: RequestError.self) { try ClientRequest(line: line) }
            #expect(error?.error.code == .badRequest)
        }
    }

    @Test func brokenRequestsNeverCrash() {
        var random = SplitMix64.announced()
        for _ in 0..<3000 {
            var line = Array((ClientRequestTests.good.randomElement(using: &random)?.0 ?? "{}").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                line[Int.random(in: 0..<line.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do throws(RequestError) {
                _ = try ClientRequest(line: line)
            } catch {
                #expect(!error.error.message.isEmpty && error.error.message.utf8.count < 400)
            }
        }
    }
}
