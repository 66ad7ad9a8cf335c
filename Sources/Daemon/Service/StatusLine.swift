/// The line that `systemctl status` shows, renewed every few seconds while frames come. Pure; inference thread only.
struct StatusLine {
    static let periodNs: UInt64 = 5_000_000_000

    private var sinceNs: UInt64
    private var inferredBefore: UInt64 = 0
    private var capturedBefore: UInt64 = 0

    init(nowNs: UInt64) { sinceNs = nowNs }

    /// After a result.
    /// - Returns: the line, or nil where the last one is not old yet.
    mutating func afterResult(nowNs: UInt64, inferred: UInt64, threads: Int, subscribers: Int) -> String? {
        let passed = nowNs - min(nowNs, sinceNs)
        guard passed >= StatusLine.periodNs else { return nil }
        let tenths = (Double(inferred - inferredBefore) * 1e10 / Double(passed)).rounded()
        (sinceNs, inferredBefore) = (nowNs, inferred)
        return "camera ok, \(tenths / 10) results a second, \(StatusLine.count(threads, "thread")), "
            + StatusLine.count(subscribers, "subscriber")
    }

    /// After a rest.
    /// - Returns: nil where the rest has another reason than that nobody listens; who knows it has told.
    mutating func afterRest(nowNs: UInt64, captured: UInt64, inferred: UInt64, subscribers: Int) -> String? {
        defer { (sinceNs, inferredBefore, capturedBefore) = (nowNs, inferred, captured) }
        return captured > capturedBefore && subscribers == 0 ? "camera ok, resting: nobody is subscribed" : nil
    }

    private static func count(_ number: Int, _ thing: String) -> String {
        "\(number) \(thing)\(number == 1 ? "" : "s")"
    }
}
