import Wire

/// One second of `tarsier watch` where there is no screen.
struct WatchLine: Encodable {
    let label: String?
    let score: Double?
    let stable: Bool?
    let camera: String
    /// Inferences a second.
    let rate: Double?
    let ageMs: Double?
    let inferMs: Double?
    let threads: Int
    let cause: String
    let cpuPercent: Double?
    /// CPU time of one inference.
    let cpuMs: Double?
    let temperatureCelsius: Double?
    let captured: UInt64
    let inferred: UInt64
    let skipped: [String: UInt64]

    /// - Parameter board: after its first status.
    init(_ board: WatchBoard) {
        let (result, status) = (board.result, board.status)
        (label, score, stable) = (result?.label, result?.score, result?.stable)
        camera = status?.camera.state.rawValue ?? "unknown"
        rate = board.sample?.rate.map(WatchLine.rounded)
        (ageMs, inferMs) = (result?.times.age, result?.times.infer)
        (threads, cause) = (status?.power.threads ?? 0, status?.power.cause ?? "")
        (cpuPercent, cpuMs) = (
            board.sample?.cpuPercent.map(WatchLine.rounded), board.sample?.cpuMs.map(WatchLine.rounded)
        )
        temperatureCelsius = status?.sensors["temperature_celsius"]
        captured = status?.frames.captured ?? 0
        inferred = status?.frames.inferred ?? 0
        skipped = status?.frames.skipped ?? [:]
    }

    /// To three decimals.
    private static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    func text(clock: String) -> String {
        var parts = [clock, "camera \(camera)"]
        if let label, let score {
            parts.append("\(label) \((score * 100).text(0)) %\(stable == true ? " stable" : "")")
        }
        if let rate { parts.append("\(rate.text(1))/s") }
        if let inferMs { parts.append("network \(inferMs.text(2)) ms") }
        parts.append("\(threads) thread\(threads == 1 ? "" : "s")")
        if let cpuMs { parts.append("CPU \(cpuMs.text(2)) ms each") }
        if let temperatureCelsius { parts.append("\(temperatureCelsius.text(1)) C") }
        return parts.joined(separator: "  ")
    }
}
