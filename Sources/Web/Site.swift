internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import TarsierClient

/// What all connections share: who may ask, the open pages, the daemon's answers. The server's loop alone.
final class Site {
    let configuration: WebConfiguration
    let access: RequestGuard
    let audience: Audience
    let metrics: DaemonQuestion<PlainAnswer>
    let health: DaemonQuestion<PlainAnswer>
    let card: DaemonQuestion<PlainAnswer>
    private(set) var connections = 0

    /// Between two signs of life on an open page.
    static let heartbeat = TimeAmount.seconds(5)

    /// - Parameter clock: the wall clock in milliseconds.
    init(_ configuration: WebConfiguration, loop: any EventLoop, clock: @escaping @Sendable () -> Int64) {
        self.configuration = configuration
        access = RequestGuard(hosts: HostRule(names: configuration.names), token: configuration.token)
        let client = TarsierClient(path: configuration.socket)
        let reception = Reception()
        let feed = Feed(client: client, clock: clock) { event in
            loop.execute { reception.audience?.value.publish(event) }
        }
        audience = Audience(loop: loop, clock: clock) { demand in feed.follow(demand) }
        metrics = DaemonQuestion(loop: loop) { await .metrics(client) }
        health = DaemonQuestion(loop: loop) { await .health(client) }
        let found = FoundCard(places: configuration.models, hasReport: configuration.report != nil)
        card = DaemonQuestion(loop: loop) { await .card(client, found) }
        let own = NIOLoopBound(audience, eventLoop: loop)
        reception.audience = own
        loop.scheduleRepeatedTask(initialDelay: Site.heartbeat, delay: Site.heartbeat) { _ in own.value.beat() }
    }

    /// Whether one more connection is welcome; counts it in any case.
    func enter() -> Bool {
        connections += 1
        return connections <= configuration.mostConnections
    }

    func leave() { connections -= 1 }
}

/// Where the feed finds the pages, which are made after it.
private final class Reception: Sendable {
    private let place = Mutex<NIOLoopBound<Audience>?>(nil)

    var audience: NIOLoopBound<Audience>? {
        get { place.withLock { $0 } }
        set { place.withLock { $0 = newValue } }
    }
}

/// The card that was found last, by the model's digest. Any thread.
final class FoundCard: Sendable {
    private let places: [String]
    private let hasReport: Bool
    private let last = Mutex<(sha256: String, text: String)?>(nil)

    init(places: [String], hasReport: Bool) { (self.places, self.hasReport) = (places, hasReport) }

    func text(sha256: String) -> String {
        if let last = last.withLock({ $0 }), last.sha256 == sha256 { return last.text }
        let text = String(decoding: ModelCard.json(sha256: sha256, places: places, hasReport: hasReport), as: UTF8.self)
        last.withLock { $0 = (sha256, text) }
        return text
    }
}

extension PlainAnswer {
    static let json = "application/json"

    /// The card of the model that the daemon runs now.
    static func card(_ client: TarsierClient, _ found: FoundCard) async -> PlainAnswer {
        do {
            let sha256 = try await client.status().model.sha256
            return PlainAnswer(isGood: true, type: json, text: found.text(sha256: sha256))
        } catch {
            return PlainAnswer(isGood: false, type: plain, text: "\(error)\n")
        }
    }
}
