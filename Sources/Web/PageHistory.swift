internal import NIOCore
internal import Wire

/// What a page that is opened now should know of the last minutes. Bounded; the server's loop alone.
///
/// What is kept is decided by the monotonic clock: the wall clock may be set back, and is for pages to show.
struct PageHistory {
    /// How long samples and results are kept.
    static let span = TimeAmount.minutes(3)
    /// Between results that are kept: a page that comes later needs no finer history.
    static let resultSpacing = TimeAmount.milliseconds(500)
    static let mostStates = 100

    private var samples = CircularBuffer<(at: NIODeadline, json: [UInt8])>()
    private var results = CircularBuffer<(at: NIODeadline, json: [UInt8])>()
    private var states = CircularBuffer<[UInt8]>()
    private var hello: [UInt8]?
    private var gone: [UInt8]?
    private var picture: [UInt8]?
    /// States that came behind the last `hello`, which they change.
    private var statesSinceHello = 0

    /// - Parameter at: the monotonic clock, never before that of the event added last.
    mutating func add(_ event: PageEvent, at: NIODeadline) {
        switch event.kind {
        case .hello: (hello, gone, statesSinceHello) = (event.json, nil, 0)
        case .gone: (hello, gone, picture) = (nil, event.json, nil)
        case .sample: PageHistory.keep(event.json, in: &samples, at: at)
        case .result:
            if let last = results.last, at - last.at < PageHistory.resultSpacing { return }
            PageHistory.keep(event.json, in: &results, at: at)
        case .state:
            if states.count == PageHistory.mostStates { states.removeFirst() }
            states.append(event.json)
            statesSinceHello += 1
        case .picture: picture = event.json
        case .snapshot: break
        }
    }

    private static func keep(
        _ json: [UInt8], in buffer: inout CircularBuffer<(at: NIODeadline, json: [UInt8])>, at: NIODeadline
    ) {
        while let first = buffer.first, at - first.at > span { buffer.removeFirst() }
        buffer.append((at, json))
    }

    /// - Parameters:
    ///   - nowMs: the wall clock.
    ///   - withPicture: whether the page shows pictures.
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
