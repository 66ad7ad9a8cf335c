internal import NIOCore
internal import Wire

/// What a page that is opened now should know of the last minutes. Bounded; the server's loop alone.
struct PageHistory {
    /// How long samples and results are kept, in milliseconds.
    static let spanMs: Int64 = 180_000
    /// Between results that are kept: a page that comes later needs no finer history.
    static let resultSpacingMs: Int64 = 500
    static let mostStates = 100

    private var samples = CircularBuffer<(atMs: Int64, json: [UInt8])>()
    private var results = CircularBuffer<(atMs: Int64, json: [UInt8])>()
    private var states = CircularBuffer<[UInt8]>()
    private var hello: [UInt8]?
    private var gone: [UInt8]?
    private var picture: [UInt8]?
    /// States that came behind the last `hello`, which they change.
    private var statesSinceHello = 0

    /// - Parameter atMs: the wall clock.
    mutating func add(_ event: PageEvent, atMs: Int64) {
        switch event.kind {
        case .hello: (hello, gone, statesSinceHello) = (event.json, nil, 0)
        case .gone: (hello, gone, picture) = (nil, event.json, nil)
        case .sample: PageHistory.keep(event.json, in: &samples, atMs: atMs)
        case .result:
            if let last = results.last, atMs - last.atMs < PageHistory.resultSpacingMs { return }
            PageHistory.keep(event.json, in: &results, atMs: atMs)
        case .state:
            if states.count == PageHistory.mostStates { states.removeFirst() }
            states.append(event.json)
            statesSinceHello += 1
        case .picture: picture = event.json
        case .snapshot: break
        }
    }

    private static func keep(
        _ json: [UInt8], in buffer: inout CircularBuffer<(atMs: Int64, json: [UInt8])>, atMs: Int64
    ) {
        while let first = buffer.first, atMs - first.atMs > spanMs { buffer.removeFirst() }
        buffer.append((atMs, json))
    }

    /// - Parameter withPicture: whether the page shows pictures.
    func snapshot(nowMs: Int64, withPicture: Bool) -> PageEvent {
        var json = Array("{\"now_ms\":\(nowMs),\"hello\":".utf8)
        json += hello ?? Array("null".utf8)
        json += Array(",\"gone\":".utf8) + (gone ?? Array("null".utf8))
        json += Array(",\"picture\":".utf8) + ((withPicture ? picture : nil) ?? Array("null".utf8))
        PageHistory.append("samples", samples.lazy.map(\.json), to: &json)
        PageHistory.append("results", results.lazy.map(\.json), to: &json)
        json += Array(",\"states_since_hello\":\(min(statesSinceHello, states.count))".utf8)
        PageHistory.append("states", states.lazy.map { $0 }, to: &json)
        json.append(UInt8(ascii: "}"))
        return PageEvent(.snapshot, json: json)
    }

    private static func append(_ name: String, _ lines: some Sequence<[UInt8]>, to json: inout [UInt8]) {
        json += Array(",\"\(name)\":[".utf8)
        var isFirst = true
        for line in lines {
            if !isFirst { json.append(UInt8(ascii: ",")) }
            isFirst = false
            json += line
        }
        json.append(UInt8(ascii: "]"))
    }
}
