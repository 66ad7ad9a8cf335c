/// Reading of what `hello`, `reply` and `status` carry. Missing fields are errors unless a default is written here.

extension Hello: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            proto: try fields.required("proto"), version: try fields.required("version"),
            model: try fields.required("model"), camera: try fields.required("camera"),
            run: try fields.optional("run") ?? "", stateSeq: try fields.optional("state_seq") ?? 0,
            power: try fields.optional("power"), present: try fields.optional("present"),
            last: try fields.optional("last"))
    }
}

extension ModelInfo: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            name: try fields.required("name"), sha256: try fields.required("sha256"),
            labels: try fields.required("labels"), input: try fields.required("input"))
    }
}

extension CameraInfo: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            id: try fields.required("id"),
            state: CameraState(rawValue: try fields.required("state")))
    }
}

extension Reply: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        let id: RequestID? = try fields.optional("id")
        guard try fields.required("ok", as: Bool.self) else {
            self.init(id: id, outcome: .failure(try fields.required("error")))
            return
        }
        let body: Body
        if let status: Status = try fields.optional("status") {
            body = .status(status)
        } else if let text: String = try fields.optional("metrics") {
            body = .metrics(text)
        } else if let labels: [String] = try fields.optional("labels") {
            body = .labels(labels)
        } else if let resumption: Resumption = try fields.optional("resumed") {
            body = .resumed(resumption)
        } else if let picture: Picture = try fields.optional("picture") {
            body = .picture(picture)
        } else {
            body = .none
        }
        self.init(id: id, outcome: .success(body))
    }
}

extension Resumption: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(replayed: try fields.required("replayed"), lost: try fields.optional("lost"))
    }
}

extension ReplyError: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            code: Code(rawValue: try fields.required("code")),
            message: try fields.optional("message") ?? "")
    }
}

extension RequestID: Decodable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Int64.self) {
            self = .number(number)
            return
        }
        let text = try value.decode(String.self)
        guard text.utf8.count <= WireLimits.idBytes else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "longer than 64 bytes")
        }
        self = .text(text)
    }
}

extension Status: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            version: try fields.required("version"), model: try fields.required("model"),
            camera: try fields.required("camera"), uptimeMs: try fields.required("uptime_ms"),
            power: try fields.required("power"), frames: try fields.required("frames"),
            clients: try fields.optional("clients") ?? Clients(),
            sensors: try fields.optional("sensors") ?? [:])
    }
}

extension Status.Frames: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            captured: try fields.required("captured"), inferred: try fields.required("inferred"),
            skipped: try fields.optional("skipped") ?? [:])
    }
}

extension Status.Clients: Decodable {
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Name.self)
        self.init(
            connected: try fields.optional("connected") ?? 0, subscribed: try fields.optional("subscribed") ?? 0,
            accepted: try fields.optional("accepted") ?? 0, refused: try fields.optional("refused") ?? 0,
            disconnects: try fields.optional("disconnects") ?? [:],
            conflated: try fields.optional("conflated") ?? 0, bytesSent: try fields.optional("bytes_sent") ?? 0)
    }
}
