internal import Wire

/// Lines of clients. What was understood must come back from the encoder, and a refusal stays short.
package struct RequestSubject: FuzzSubject {
    package static let name = "request"
    package static var words: [String] {
        jsonWords
            + [
                "op", "subscribe", "set", "status", "metrics", "labels", "ping", "model", "picture", "events", "result",
                "power", "camera", "presence", "min_score", "mode", "every", "change", "max_rate", "top_k", "fields",
                "resume", "run", "state_seq", "values", "rollback", "shadow",
            ].map { "\"\($0)\"" }
    }
    package static var seeds: [[UInt8]] {
        [
            #"{"op":"subscribe","id":1,"events":["result","power","camera","presence"],"labels":["cat"],"min_score":0.6,"#
                + #""mode":"every","max_rate":5,"top_k":3,"fields":["label"],"resume":{"run":"abc","state_seq":17}}"#,
            #"{"op":"set","id":"x","values":{"rate":5,"threads":"auto","on":true}}"#, #"{"op":"status","id":2}"#,
            #"{"op":"metrics"}"#, #"{"op":"labels","id":null}"#, #"{"op":"ping","id":"still there?"}"#,
        ].map { Array($0.utf8) }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        do throws(RequestError) {
            let request = try ClientRequest(line: input)
            guard let once = try? ClientRequest(line: request.encodeLine()) else {
                fatalError("broken promise: a request cannot be read again: \(request)")
            }
            promise(request.isSame(as: once), "a request comes back as another: \(request), \(once)")
            promise(
                (try? ClientRequest(line: once.encodeLine())) == once,
                "a request changes on its way through the encoder")
            return true
        } catch {
            promise(error.error.message.utf8.count < 600, "a refusal of \(error.error.message.utf8.count) bytes")
            return false
        }
    }
}

extension ClientRequest {
    /// Whether nothing but the last places of numbers differs, which the encoder rounds.
    fileprivate func isSame(as other: ClientRequest) -> Bool {
        guard id == other.id else { return false }
        switch (operation, other.operation) {
        case (.subscribe(var mine), .subscribe(let theirs)):
            guard isNear(mine.minScore, theirs.minScore), isNear(mine.maxRate, theirs.maxRate) else { return false }
            (mine.minScore, mine.maxRate) = (theirs.minScore, theirs.maxRate)
            return mine == theirs
        case (.set(let mine), .set(let theirs)):
            return mine.count == theirs.count
                && mine.allSatisfy { name, value in
                    switch (value, theirs[name]) {
                    case (.number(let one), .number(let two)?): isNear(one, two)
                    case (_, let two): value == two
                    }
                }
        default: return operation == other.operation
        }
    }

    private func isNear(_ one: Double?, _ two: Double?) -> Bool {
        guard let one, let two else { return one == nil && two == nil }
        return abs(one - two) <= max(1e-6, one.magnitude * 1e-12)
    }
}

/// Lines of a daemon as its clients, and `replay`, read them.
package struct MessageSubject: FuzzSubject {
    package static let name = "message"
    package static var words: [String] {
        jsonWords
            + [
                "type", "hello", "result", "power", "camera", "presence", "gap", "reply", "proto", "version", "model",
                "seq", "ts", "mono_ns", "label", "score", "stable", "top", "index", "ms", "threads", "dropped", "error",
                "code", "message", "state", "cause", "last",
            ].map { "\"\($0)\"" }
    }
    package static var seeds: [[UInt8]] {
        [
            #"{"type":"hello","proto":1,"version":"1","model":{"name":"m","sha256":"","labels":2,"input":[8,8,3]},"#
                + #""camera":{"id":"c","state":"ok"},"last":null}"#,
            #"{"type":"result","seq":1234,"ts":"2026-01-02T03:04:05.678Z","mono_ns":123,"frame":5678,"label":"cat","#
                + #""score":0.91,"stable":true,"top":[{"index":3,"label":"cat","score":0.91}],"#
                + #""ms":{"age":6.1,"decode":1.2,"prepare":0.2,"infer":1.9},"threads":1,"gap":0}"#,
            #"{"type":"power","threads":1,"rate":5,"cause":"79 C, limit 75 C"}"#,
            #"{"type":"camera","state":"lost","cause":"unplugged"}"#, #"{"type":"gap","dropped":3}"#,
            #"{"type":"reply","id":1,"ok":false,"error":{"code":"bad_request","message":"no"}}"#,
        ].map { Array($0.utf8) }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let message = try? ServerMessage(line: input) else { return false }
        let line = message.encodeLine()
        promise(line.last == 0x0A && !line.dropLast().contains(0x0A), "a message is not one line")
        return true
    }
}
