internal import NIOCore
internal import TarsierClient

/// Answers of the daemon for programs: metrics and health. However many ask at once, the daemon is asked once, and an answer is
/// good for `freshness`. The server's loop alone.
final class DaemonQuestion<Answer: Sendable> {
    static var freshness: TimeAmount { .milliseconds(500) }

    private let loop: any EventLoop
    private let ask: @Sendable () async -> Answer
    private var underWay: EventLoopFuture<Answer>?

    init(loop: any EventLoop, ask: @escaping @Sendable () async -> Answer) {
        (self.loop, self.ask) = (loop, ask)
    }

    func answer() -> EventLoopFuture<Answer> {
        if let underWay { return underWay }
        let promise = loop.makePromise(of: Answer.self)
        promise.completeWithTask { [ask] in await ask() }
        underWay = promise.futureResult
        let own = NIOLoopBound(self, eventLoop: loop)
        let loop = loop
        promise.futureResult.whenComplete { _ in
            loop.scheduleTask(in: DaemonQuestion<Int>.freshness) { own.value.underWay = nil }
        }
        return promise.futureResult
    }
}

/// What `/metrics` and `/healthz` say.
struct PlainAnswer: Sendable {
    let isGood: Bool
    let type: String
    let text: String

    static let plain = "text/plain; charset=utf-8"
    static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

    /// The daemon's own text.
    static func metrics(_ client: TarsierClient) async -> PlainAnswer {
        do {
            return PlainAnswer(isGood: true, type: openMetrics, text: try await client.metrics())
        } catch {
            return PlainAnswer(isGood: false, type: plain, text: "\(error)\n")
        }
    }

    /// Good while the daemon answers and its camera gives pictures.
    static func health(_ client: TarsierClient) async -> PlainAnswer {
        do {
            let camera = try await client.status().camera
            guard camera.state == .ok else {
                return PlainAnswer(isGood: false, type: plain, text: "camera \(camera.id): \(camera.state.rawValue)\n")
            }
            return PlainAnswer(isGood: true, type: plain, text: "ok\n")
        } catch {
            return PlainAnswer(isGood: false, type: plain, text: "\(error)\n")
        }
    }
}
