import FoundationEssentials

/// A line that is not a message of the protocol.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong and where in the line.
    package let message: String

    package init(message: String) { self.message = message }

    package var description: String { message }
}

extension ServerMessage {
    /// Reads one line, with or without its newline. Missing fields of a result read as zero or empty; missing fields
    /// of other messages are errors; unknown fields are ignored.
    /// - Throws: `WireError` when the line is longer than 64 KiB, not JSON, or lacks what its type demands.
    package init(line: some Collection<UInt8>) throws(WireError) {
        guard line.count <= WireLimits.lineBytes else {
            throw WireError(message: "a line of \(line.count) bytes, the limit is \(WireLimits.lineBytes)")
        }
        do {
            self = try JSONDecoder().decode(ServerMessage.self, from: Data(line))
        } catch let error as DecodingError {
            throw WireError(message: "not a message of the protocol: \(error.wireDescription)")
        } catch {
            throw WireError(message: "not a message of the protocol: not JSON in UTF-8")
        }
    }
}

extension DecodingError {
    /// One line: the field and what is wrong with it.
    var wireDescription: String {
        switch self {
        case .keyNotFound(let key, let context): "\(context.fieldName(key)) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\(context.fieldName(nil)) has the wrong type"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not JSON in UTF-8" : "\(context.fieldName(nil)) has a wrong value"
        @unknown default: "not JSON in UTF-8"
        }
    }
}

extension DecodingError.Context {
    fileprivate func fieldName(_ last: (any CodingKey)?) -> String {
        let path = (codingPath + (last.map { [$0] } ?? [])).map(\.stringValue)
        return path.isEmpty ? "the line" : "\"\(path.joined(separator: "."))\""
    }
}

/// Any field name, so that each message names its own fields where it reads them.
struct Name: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringLiteral value: String) { stringValue = value }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension KeyedDecodingContainer<Name> {
    func required<T: Decodable>(_ name: Name, as type: T.Type = T.self) throws -> T { try decode(T.self, forKey: name) }
    func optional<T: Decodable>(_ name: Name, as type: T.Type = T.self) throws -> T? {
        try decodeIfPresent(T.self, forKey: name)
    }
}

extension ServerMessage: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let type: String = try fields.required("type")
        switch type {
        case "hello": self = .hello(try Hello(from: decoder))
        case "result": self = .result(try ResultEvent(from: decoder))
        case "power": self = .power(try PowerEvent(from: decoder))
        case "camera":
            let state = CameraState(rawValue: try fields.required("state"))
            self = .camera(
                CameraEvent(
                    state: state, cause: try fields.optional("cause") ?? "",
                    stateSeq: try fields.optional("state_seq")))
        case "enter", "leave": self = .presence(try PresenceEvent(type, fields))
        case "model": self = .model(try ModelEvent(from: decoder))
        case "gap": self = .gap(Gap(dropped: try fields.required("dropped")))
        case "reply": self = .reply(try Reply(from: decoder))
        default: self = .unknown(type: type)
        }
    }
}

extension ResultEvent: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let timestamp: String? = try fields.optional("ts")
        let top: [Candidate] = try fields.optional("top") ?? []
        self.init(
            seq: try fields.required("seq"),
            timestamp: timestamp.flatMap(Timestamp.init) ?? Timestamp(unixMilliseconds: 0),
            monotonicNs: try fields.optional("mono_ns") ?? 0,
            frame: try fields.optional("frame") ?? 0,
            label: try fields.optional("label") ?? "",
            score: try fields.optional("score") ?? 0,
            stable: try fields.optional("stable") ?? false,
            top: top,
            times: try fields.optional("ms") ?? Times(age: 0, decode: 0, prepare: 0, infer: 0),
            threads: try fields.optional("threads") ?? 0,
            gap: try fields.optional("gap") ?? 0)
    }
}

extension ResultEvent.Candidate: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            index: try fields.required("index"), label: try fields.required("label"),
            score: try fields.optional("score") ?? 0)
    }
}

extension ResultEvent.Times: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            age: try fields.optional("age") ?? 0, decode: try fields.optional("decode") ?? 0,
            prepare: try fields.optional("prepare") ?? 0, infer: try fields.optional("infer") ?? 0)
    }
}

extension PowerEvent: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            threads: try fields.required("threads"), rate: try fields.optional("rate"),
            cause: try fields.optional("cause") ?? "", kind: try fields.optional("kind") ?? "",
            stateSeq: try fields.optional("state_seq"))
    }
}
