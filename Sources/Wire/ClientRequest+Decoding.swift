import FoundationEssentials

/// A request that cannot be answered as asked: the reply to send instead.
package struct RequestError: Error, Hashable, Sendable {
    /// The request's id where it could be read.
    package let id: RequestID?
    package let error: ReplyError

    package init(id: RequestID?, error: ReplyError) {
        self.id = id
        self.error = error
    }

    /// The line to send, with its newline.
    package var reply: Reply { Reply(id: id, outcome: .failure(error)) }
}

extension ClientRequest {
    /// Reads one line, with or without its newline. Unknown fields are ignored.
    /// - Throws: `RequestError` with `too_long`, `bad_request` or `unknown_op`.
    package init(line: some Collection<UInt8>) throws(RequestError) {
        guard line.count <= WireLimits.lineBytes else { throw .tooLong }
        // A NUL byte makes Foundation guess UTF-16; the protocol is UTF-8.
        guard !line.contains(0) else { throw .notJSON }
        let envelope: Envelope
        do {
            envelope = try JSONDecoder().decode(Envelope.self, from: Data(line))
        } catch {
            throw .notJSON
        }
        switch envelope.outcome {
        case .success(let operation): self.init(id: envelope.id, operation: operation)
        case .failure(let error): throw RequestError(id: envelope.id, error: error)
        }
    }
}

extension RequestError {
    /// A line that passed the limit before its newline came.
    package static let tooLong = RequestError(
        id: nil, error: ReplyError(code: .tooLong, message: "a request is at most \(WireLimits.lineBytes) bytes long"))

    static let notJSON = RequestError(
        id: nil,
        error: ReplyError(
            code: .badRequest, message: #"a request is one JSON object in UTF-8 on one line, such as {"op":"status"}"#))
}

/// The request's id and either its operation or what is wrong with it: an error must not cost the id.
private struct Envelope: Decodable {
    var id: RequestID?
    var outcome: Result<ClientRequest.Operation, ReplyError>

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        do throws(ReplyError) {
            id = try RequestFields(fields).optional("id", "an integer, or a string of at most 64 bytes")
            outcome = .success(try RequestFields(fields).operation())
        } catch {
            outcome = .failure(error)
        }
    }
}

/// The fields of one request, each read with a message that says what it must be.
private struct RequestFields {
    let fields: KeyedDecodingContainer<Name>

    init(_ fields: KeyedDecodingContainer<Name>) { self.fields = fields }

    func operation() throws(ReplyError) -> ClientRequest.Operation {
        let known = ClientRequest.Operation.names.joined(separator: ", ")
        guard let name: String = try optional("op", "one of \(known)") else {
            throw bad("\"op\" is missing; it is one of \(known)")
        }
        switch name {
        case "subscribe": return .subscribe(try subscription())
        case "status": return .status
        case "metrics": return .metrics
        case "labels": return .labels
        case "ping": return .ping
        case "picture": return .picture
        case "set": return .set(try settings())
        case "model": return .model(try model())
        default:
            throw ReplyError(code: .unknownOp, message: "no op \"\(name.prefix(64))\"; there are \(known)")
        }
    }

    private func subscription() throws(ReplyError) -> Subscription {
        var subscription = Subscription()
        if let events = try words("events", Dictionary(uniqueKeysWithValues: Subscription.Events.names)) {
            subscription.events = events.reduce(into: []) { $0.formUnion($1) }
        }
        if let labels: [String] = try optional("labels", "an array of strings") {
            guard labels.count <= WireLimits.labels else {
                throw bad("\"labels\" has \(labels.count) entries, the limit is \(WireLimits.labels)")
            }
            subscription.labels = Set(labels)
        }
        subscription.minScore = try number("min_score", "a number from 0 to 1") { $0 >= 0 && $0 <= 1 }
        if let mode = try word("mode") {
            guard let mode = Subscription.Mode(rawValue: mode) else {
                throw bad("\"mode\" must be \"change\" or \"every\"")
            }
            subscription.mode = mode
        }
        subscription.maxRate = try number("max_rate", "a number above 0 and up to 1000") {
            $0 > 0 && $0 <= WireLimits.maxRate
        }
        if let topK: Int = try optional("top_k", "a whole number from 0 to 1000") {
            guard (0...WireLimits.topK).contains(topK) else {
                throw bad("\"top_k\" must be a whole number from 0 to 1000")
            }
            subscription.topK = topK
        }
        let fields = Subscription.Field.allCases.map { ($0.rawValue, $0) }
        subscription.fields = try words("fields", Dictionary(uniqueKeysWithValues: fields)).map { Set($0) }
        let form = "an object with \"run\", a string of at most 64 bytes, and \"state_seq\", a whole number"
        subscription.resume = try optional("resume", form)
        return subscription
    }

    private func settings() throws(ReplyError) -> [String: SettingValue] {
        let form = "an object such as {\"rate\":5}"
        guard let values: [String: SettingValue] = try optional("values", form), !values.isEmpty else {
            throw bad("\"values\" must be \(form)")
        }
        return values
    }

    private func model() throws(ReplyError) -> ModelRequest {
        let form = "show, set, rollback, shadow or unshadow"
        let what: String = try optional("do", form) ?? "show"
        let path: String? = try optional("path", "the absolute path of a model file")
        switch what {
        case "show": return .show
        case "rollback": return .rollback
        case "unshadow": return .unshadow
        case "set", "shadow":
            guard let path, path.hasPrefix("/"), !path.utf8.contains(0) else {
                throw bad("\"path\" must be the absolute path of a model file")
            }
            return what == "set" ? .set(path: path) : .shadow(path: path)
        default: throw bad("\"do\" must be \(form)")
        }
    }

    private func word(_ name: Name) throws(ReplyError) -> String? { try optional(name, "a string") }

    /// An array of names, each looked up in `known`.
    private func words<Value>(_ name: Name, _ known: [String: Value]) throws(ReplyError) -> [Value]? {
        guard let names: [String] = try optional(name, "an array of strings") else { return nil }
        var values: [Value] = []
        for word in names {
            guard let value = known[word] else {
                let choice = known.keys.sorted().joined(separator: ", ")
                throw bad("\"\(name.stringValue)\" has no \"\(word.prefix(64))\"; there are \(choice)")
            }
            values.append(value)
        }
        return values
    }

    private func number(
        _ name: Name, _ form: String, where isValid: (Double) -> Bool
    ) throws(ReplyError) -> Double? {
        guard let value: Double = try optional(name, form) else { return nil }
        guard value.isFinite, isValid(value) else { throw bad("\"\(name.stringValue)\" must be \(form)") }
        return value
    }

    /// The field, nil where it is absent or `null`.
    func optional<T: Decodable>(_ name: Name, _ form: String) throws(ReplyError) -> T? {
        do {
            return try fields.decodeIfPresent(T.self, forKey: name)
        } catch {
            throw bad("\"\(name.stringValue)\" must be \(form)")
        }
    }

    private func bad(_ message: String) -> ReplyError { ReplyError(code: .badRequest, message: message) }
}

extension Subscription.Resume: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(run: try fields.required("run"), stateSeq: try fields.required("state_seq"))
        guard run.utf8.count <= WireLimits.runBytes else {
            throw DecodingError.dataCorruptedError(forKey: "run", in: fields, debugDescription: "longer than 64 bytes")
        }
    }
}

extension SettingValue: Decodable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try value.decode(String.self))
        }
    }
}
