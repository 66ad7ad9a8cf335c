import NIOCore
import Synchronization
import Wire

/// The server's thread: all clients, what they are told, and what they ask. Never leaves its event loop.
final class Hub {
    let configuration: ServerConfiguration
    private let shared: Shared
    private let loop: any EventLoop
    private var clients: [ObjectIdentifier: ClientHandler] = [:]
    private var last: ResultEvent?
    private var camera: CameraState
    private var states: StateMemory
    private var whenEmpty: EventLoopPromise<Void>?
    private var isStopping = false

    /// What the server's thread shares with all others.
    final class Shared: Sendable {
        let mailbox = Mailbox()
        let counters = Mutex(Status.Clients())
        let identity: Mutex<ServerIdentity>
        let handlers: Mutex<ServerHandlers>
        /// Names this run of the daemon.
        let run: String

        init(identity: ServerIdentity, handlers: ServerHandlers, run: String) {
            self.run = run
            self.identity = Mutex(identity)
            self.handlers = Mutex(handlers)
        }
    }

    init(configuration: ServerConfiguration, shared: Shared, loop: any EventLoop) {
        self.configuration = configuration
        self.shared = shared
        self.loop = loop
        states = StateMemory(capacity: configuration.rememberedStates)
        camera = shared.identity.withLock { $0.camera.state }
    }

    // MARK: Clients

    /// Takes a client in; false when there are as many as there may be.
    func admit(_ client: ClientHandler) -> Bool {
        let isWelcome = clients.count < configuration.maxClients && !isStopping
        shared.counters.withLock { counters in
            if isWelcome { counters.accepted += 1 } else { counters.refused += 1 }
        }
        guard isWelcome else { return false }
        clients[ObjectIdentifier(client)] = client
        recountSubscribers()
        // The hello that is written next has all of what was posted before.
        drain(except: client)
        return true
    }

    func remove(_ client: ClientHandler, reason: DisconnectReason) {
        clients[ObjectIdentifier(client)] = nil
        shared.counters.withLock { $0.count(reason) }
        recountSubscribers()
        if clients.isEmpty { whenEmpty?.succeed() }
    }

    /// After a client came, went or subscribed anew.
    func recountSubscribers() {
        let count = clients.values.count { $0.subscription.needsInference }
        let before = shared.mailbox.resultSubscribers.exchange(count, ordering: .relaxed)
        shared.counters.withLock { counters in
            counters.connected = clients.count
            counters.subscribed = count
        }
        guard count != before, let changed = shared.handlers.withLock({ $0.subscribersChanged }) else { return }
        changed(count)
    }

    func noteSubscription() { shared.handlers.withLock({ $0.subscribed })?() }

    func count(conflated: UInt64) {
        guard conflated > 0 else { return }
        shared.counters.withLock { $0.conflated += conflated }
    }

    func count(sent bytes: Int) {
        shared.counters.withLock { $0.bytesSent += UInt64(bytes) }
    }

    func hello() -> ServerMessage {
        let identity = shared.identity.withLock { $0 }
        return .hello(
            Hello(
                version: identity.version, model: identity.model,
                camera: CameraInfo(id: identity.camera.id, state: camera), run: shared.run, stateSeq: states.newest,
                power: states.power, present: states.present, last: last))
    }

    // MARK: Publishing

    /// Tells the clients what was posted.
    /// - Parameter newcomer: a client whose hello, not yet written, will hold all of this.
    func drain(except newcomer: ClientHandler? = nil) {
        for item in shared.mailbox.take() {
            switch item {
            case .result(let result): tell(result, except: newcomer)
            case .state(let event): tell(event, except: newcomer)
            case .lost(let count): for client in clients.values where client !== newcomer { client.note(lost: count) }
            }
        }
    }

    private func tell(_ result: ResultEvent, except newcomer: ClientHandler?) {
        last = result
        let nowNs = NIODeadline.now().uptimeNanoseconds
        var lines: [ResultView: ByteBuffer] = [:]
        for client in clients.values where client !== newcomer {
            client.offer(result, nowNs: nowNs) { view in
                if let line = lines[view] { return line }
                let line = ByteBuffer(bytes: result.encodeLine(view: view))
                lines[view] = line
                return line
            }
        }
    }

    private func tell(_ event: StateEvent, except newcomer: ClientHandler?) {
        if case .camera(let event) = event { camera = event.state }
        let line = ByteBuffer(bytes: event.encodeLine())
        states.add(event, line: line)
        for client in clients.values where client !== newcomer { client.offer(event, line: line) }
    }

    /// Number of the newest state event that clients were told.
    var newestState: UInt64 { states.newest }

    /// What a client that comes back missed.
    /// - Parameter helloSeq: the number in the client's `hello`; later events were sent to it as they came.
    func missed(_ subscription: Subscription, upTo helloSeq: UInt64) -> (Resumption, lines: [ByteBuffer])? {
        guard let resume = subscription.resume else { return nil }
        guard resume.run == shared.run else { return (Resumption(replayed: 0, lost: nil), []) }
        return states.replay(subscription, after: resume.stateSeq, upTo: helloSeq)
    }

    // MARK: Requests

    enum Answer {
        case subscribed(Subscription)
        case body(Reply.Body)
        /// The answer comes later; the client's next request waits for it.
        case later((@escaping ServerHandlers.PictureAnswer) -> Void)
    }

    func answer(
        _ operation: ClientRequest.Operation, from peer: PeerCredential?
    ) -> Result<Answer, ReplyError> {
        let handlers = shared.handlers.withLock { $0 }
        switch operation {
        case .ping: return .success(.body(.none))
        case .subscribe(let subscription):
            if let unknown = firstUnknownLabel(subscription) {
                let message = "the model has no label \"\(unknown.prefix(64))\"; the op labels lists them"
                return .failure(ReplyError(code: .badRequest, message: message))
            }
            return .success(.subscribed(subscription))
        case .labels: return .success(.body(.labels(shared.identity.withLock { $0.labels })))
        case .status:
            guard var status = handlers.status?() else { return .failure(.unavailable("status")) }
            status.clients = shared.counters.withLock { $0 }
            status.camera.state = camera
            return .success(.body(.status(status)))
        case .metrics:
            guard let text = handlers.metrics?(shared.counters.withLock { $0 }, camera) else {
                return .failure(.unavailable("metrics"))
            }
            return .success(.body(.metrics(text)))
        case .picture:
            guard let picture = handlers.picture else { return .failure(.unavailable("picture")) }
            return .success(.later(picture))
        case .set(let values):
            guard peer?.mayChangeSettings == true else {
                let message = "only root and the daemon's own user may change settings"
                return .failure(ReplyError(code: .forbidden, message: message))
            }
            guard let set = handlers.set else { return .failure(.unavailable("set")) }
            if let error = set(values) { return .failure(error) }
            return .success(.body(.none))
        }
    }

    private func firstUnknownLabel(_ subscription: Subscription) -> String? {
        guard let wanted = subscription.labels else { return nil }
        let known = shared.identity.withLock { Set($0.labels) }
        return known.isEmpty ? nil : wanted.sorted().first { !known.contains($0) }
    }

    // MARK: End

    /// Tells the clients the last of it and ends their connections.
    /// - Returns: done when all have taken what waited for them, or when the grace is over.
    func stop() -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        drain()
        isStopping = true
        whenEmpty = promise
        if clients.isEmpty { promise.succeed() }
        for client in clients.values { client.end(.shutdown) }
        let grace = TimeAmount(configuration.shutdownGrace)
        let cut = loop.assumeIsolated().scheduleTask(in: grace) {
            for client in self.clients.values { client.cut(.shutdown) }
        }
        promise.futureResult.whenComplete { _ in cut.cancel() }
        return promise.futureResult
    }
}

extension ReplyError {
    fileprivate static func unavailable(_ op: String) -> ReplyError {
        ReplyError(code: .unavailable, message: "the daemon has no answer to \(op) yet; ask again when it has started")
    }
}

extension ServerConfiguration {
    var queueLimits: OutboundQueue.Limits {
        OutboundQueue.Limits(
            ringMessages: ringMessages, ringBytes: ringBytes, hardMessages: hardMessages, hardBytes: hardBytes)
    }
}
