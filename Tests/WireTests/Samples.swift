import Wire

/// Messages that the tests and `docs/wire.md` share.
enum Samples {
    static let result = ResultEvent(
        seq: 1234, timestamp: Timestamp(unixMilliseconds: 1_767_323_045_678), monotonicNs: 8_123_456_789,
        frame: 5678, label: "cat", score: 0.91, stable: true,
        top: [
            ResultEvent.Candidate(index: 3, label: "cat", score: 0.91),
            ResultEvent.Candidate(index: 5, label: "dog", score: 0.0421),
        ],
        times: ResultEvent.Times(age: 6.1, decode: 1.2, prepare: 0.2, infer: 1.9), threads: 1, gap: 0)

    static let model = ModelInfo(
        name: "SM_V2", sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", labels: 20,
        input: [224, 224, 3])

    static let camera = CameraInfo(id: "usb=046d:0825", state: .ok)

    static let enter = PresenceEvent(
        change: .enter(score: 0.87), label: "cat", timestamp: Timestamp(unixMilliseconds: 1_767_323_041_478),
        monotonicNs: 3_923_456_789, stateSeq: 16)

    static let leave = PresenceEvent(
        change: .leave(durationMs: 4200), label: "cat", timestamp: Timestamp(unixMilliseconds: 1_767_323_045_678),
        monotonicNs: 8_123_456_789, stateSeq: 17)

    static let modelEvent = ModelEvent(
        what: "disagreement", model: model, cause: "cat, the shadow says dog; 4 of 120 frames differ", stateSeq: 18)

    static let shadow = ShadowState(
        model: .init(path: "/m/new", info: model), every: 10, frames: 120, disagreed: 4, late: 1)

    static let models = ModelState(
        current: .init(path: "/m/a", info: model), previous: .init(path: "/m/b", info: model), shadow: shadow,
        change: .init(number: 3, what: "set", isDone: true, error: "no"))

    static let hello = Hello(
        version: "0.1.0", model: model, camera: camera, run: "1k2j3h4g5f", stateSeq: 16, power: workingPoint,
        present: Presence(
            label: "cat", since: Timestamp(unixMilliseconds: 1_767_323_041_478), sinceMonotonicNs: 3_923_456_789),
        last: result)

    static let workingPoint = PowerEvent(threads: 1, rate: 5, cause: "79 C, limit 75 C", kind: "heat")

    static let power = PowerEvent(threads: 1, rate: 5, cause: "79 C, limit 75 C", kind: "heat", stateSeq: 14)

    static let status = Status(
        version: "0.1.0", model: model, camera: camera, uptimeMs: 93_000, power: workingPoint,
        frames: Status.Frames(captured: 900, inferred: 450, skipped: ["motion": 300, "rate": 150]),
        clients: Status.Clients(
            connected: 2, subscribed: 1, accepted: 7, refused: 0, disconnects: ["closed": 4, "stalled": 1],
            conflated: 12, bytesSent: 140_312),
        sensors: ["temperature_celsius": 79.2, "on_battery": 0])

    static func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }
}
