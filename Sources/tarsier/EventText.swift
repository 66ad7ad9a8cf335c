import TarsierClient
import Wire

extension TarsierEvent {
    /// One line for people; nil for what is not shown.
    var summary: String? {
        switch self {
        case .result(let result):
            let others = result.top.dropFirst().prefix(2).map { "\($0.label) \(($0.score * 100).text(0)) %" }
            return "\(result.timestamp.clock)  \(result.label.padded(12)) "
                + "\((result.score * 100).text(0).padded(3, right: true)) %"
                + "\(result.stable ? "  stable" : "        ")  \(result.times.infer.text(2)) ms"
                + (others.isEmpty ? "" : "   then " + others.joined(separator: ", "))
        case .power(let power): return "power: \(power.threads) threads, \(power.cause)"
        case .camera(let camera): return "camera: \(camera.state.rawValue), \(camera.cause)"
        case .presence(let presence):
            let clock = presence.timestamp.clock
            switch presence.change {
            case .enter: return "\(clock)  \(presence.label) came"
            case .leave(let ms): return "\(clock)  \(presence.label) went after \((ms / 1000).text(1)) s"
            }
        case .model(let model): return "model: \(model.what), \(model.cause)"
        case .gap(let gap): return "gap: \(gap.dropped) results were left out, this reader is too slow"
        case .connected, .disconnected: return nil
        }
    }

    /// The daemon's message; nil for what is not one.
    var message: ServerMessage? {
        switch self {
        case .connected(let hello): .hello(hello)
        case .result(let result): .result(result)
        case .power(let power): .power(power)
        case .camera(let camera): .camera(camera)
        case .presence(let presence): .presence(presence)
        case .model(let model): .model(model)
        case .gap(let gap): .gap(gap)
        case .disconnected: nil
        }
    }

    /// What a hook finds in its environment beside what is always there.
    var environment: [String: String] {
        switch self {
        case .connected(let hello):
            ["TARSIER_TYPE": "hello", "TARSIER_STATE": hello.camera.state.rawValue, "TARSIER_MODEL": hello.model.name]
        case .result(let result):
            [
                "TARSIER_TYPE": "result", "TARSIER_LABEL": result.label, "TARSIER_SCORE": result.score.text(4),
                "TARSIER_STABLE": result.stable ? "1" : "0", "TARSIER_SEQ": "\(result.seq)",
                "TARSIER_TS": result.timestamp.description,
            ]
        case .power(let power):
            [
                "TARSIER_TYPE": "power", "TARSIER_THREADS": "\(power.threads)",
                "TARSIER_RATE": power.rate.map { $0.text(2) } ?? "max", "TARSIER_CAUSE": power.cause,
            ]
        case .camera(let camera):
            ["TARSIER_TYPE": "camera", "TARSIER_STATE": camera.state.rawValue, "TARSIER_CAUSE": camera.cause]
        case .presence(let presence):
            presence.environment
        case .model(let model):
            [
                "TARSIER_TYPE": "model", "TARSIER_WHAT": model.what, "TARSIER_MODEL": model.model.name,
                "TARSIER_CAUSE": model.cause,
            ]
        case .gap(let gap): ["TARSIER_TYPE": "gap", "TARSIER_DROPPED": "\(gap.dropped)"]
        case .disconnected(let error, _): ["TARSIER_TYPE": "disconnected", "TARSIER_CAUSE": error.message]
        }
    }
}

extension PresenceEvent {
    fileprivate var environment: [String: String] {
        var values = ["TARSIER_TYPE": type, "TARSIER_LABEL": label, "TARSIER_TS": timestamp.description]
        switch change {
        case .enter(let score): values["TARSIER_SCORE"] = score.text(4)
        case .leave(let durationMs): values["TARSIER_DURATION_MS"] = durationMs.text(0)
        }
        return values
    }
}

extension Timestamp {
    /// Hours to milliseconds, without the day.
    fileprivate var clock: Substring { description.dropFirst(11).dropLast(1) }
}

extension ServerMessage {
    /// The daemon's own line, without its newline.
    var text: String { String(decoding: encodeLine().dropLast(), as: UTF8.self) }
}
