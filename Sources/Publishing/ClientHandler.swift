import NIOCore
import Wire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One connected client: its subscription, what waits for it, and its requests. The server's thread alone.
///
/// At most one line is with the kernel at a time; what the kernel does not take at once waits here, where it can still
/// conflate. Reading stops while replies wait, so that a client that only asks and never reads costs a bounded amount.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Replies that may wait before the client's next request does.
    private static let waitingReplies = 4

    private let hub: Hub
    private var context: ChannelHandlerContext?
    private var filter = SubscriptionFilter(Subscription())
    private var queue: OutboundQueue
    private var splitter: LineSplitter
    private var allowance: RequestAllowance
    private var peer: PeerCredential?

    /// Why the connection is about to end, or ended.
    private var ending: DisconnectReason?
    private var isAdmitted = false
    /// Number of the newest state event when `hello` was written; later ones were sent as they came.
    private var helloStateSeq: UInt64 = 0
    private var isInFlight = false
    private var isPumping = false
    private var isProcessing = false
    private var isReadPending = false
    /// A picture is on its way; replies come in the order of the requests.
    private var isAwaitingPicture = false
    private var hasInputEnded = false
    /// Due when the kernel has taken nothing for too long.
    private var stall: Scheduled<Void>?
    /// Due when the client may ask again.
    private var pause: Scheduled<Void>?

    init(hub: Hub) {
        self.hub = hub
        queue = OutboundQueue(limits: hub.configuration.queueLimits)
        splitter = LineSplitter(limit: WireLimits.lineBytes)
        allowance = RequestAllowance(perSecond: hub.configuration.requestsPerSecond)
    }

    /// What the client wants; changes with `subscribe`.
    var subscription: Subscription { filter.subscription }

    // MARK: Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        readCredential(context.channel)
        guard hub.admit(self) else {
            let refusal = ReplyError(
                code: .busy, message: "\(hub.configuration.maxClients) clients are connected, the most there may be")
            send(Reply(id: nil, outcome: .failure(refusal)))
            end(.overflow)
            return
        }
        isAdmitted = true
        helloStateSeq = hub.newestState
        send(.init(bytes: hub.hello().encodeLine()), kind: .state)
        readMore()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stall?.cancel()
        pause?.cancel()
        (stall, pause) = (nil, nil)
        self.context = nil
        if isAdmitted { hub.remove(self, reason: ending ?? .closed) }
        isAdmitted = false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if ending == nil, !error.isPeerGone { ending = .failed }
        context.close(promise: nil)
    }

    /// Ends the connection when the client has taken what waits for it.
    func end(_ reason: DisconnectReason) {
        guard ending == nil else { return }
        ending = reason
        pump()
    }

    /// Ends the connection now.
    func cut(_ reason: DisconnectReason) {
        if ending == nil { ending = reason }
        context?.close(promise: nil)
    }

    private func readCredential(_ channel: any Channel) {
        guard let provider = channel as? any SocketOptionProvider else { return }
        let name = NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        let credential: EventLoopFuture<PeerCredential> = provider.unsafeGetSocketOption(level: .socket, name: name)
        credential.assumeIsolated().whenSuccess { self.peer = $0 }
    }

    // MARK: Out

    /// Sends a result if the subscription lets it through.
    /// - Parameter encode: the line of this client's view.
    func offer(_ result: ResultEvent, nowNs: UInt64, encode: (ResultView) -> ByteBuffer) {
        guard ending == nil, filter.accepts(result, nowNs: nowNs) else { return }
        hub.count(conflated: queue.push(result: encode(filter.subscription.view)))
        pump()
    }

    /// Sends a state event if the subscription wants it.
    func offer(_ event: StateEvent, line: ByteBuffer) {
        guard ending == nil, filter.subscription.matches(event) else { return }
        send(line, kind: .state)
    }

    /// Results were lost before they came here.
    func note(lost: UInt64) {
        if filter.subscription.events.contains(.result) { queue.note(dropped: lost) }
    }

    private func send(_ reply: Reply) {
        var line = ServerMessage.reply(reply).encodeLine()
        if line.count > WireLimits.lineBytes {
            let message = "the answer has \(line.count) bytes, a line has at most \(WireLimits.lineBytes)"
            let tooLong = ReplyError(code: .tooLong, message: message)
            line = ServerMessage.reply(Reply(id: reply.id, outcome: .failure(tooLong))).encodeLine()
        }
        send(ByteBuffer(bytes: line), kind: .reply)
    }

    private func send(_ line: ByteBuffer, kind: OutboundQueue.Kind) {
        guard queue.push(line, kind: kind) else { return cut(.overflow) }
        pump()
    }

    /// Hands lines to the kernel until it takes no more.
    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        while !isInFlight, let context, let line = queue.next() { write(line, context) }
        isPumping = false
        guard let context else { return }
        if isInFlight {
            if stall == nil { armStall(context.eventLoop) }
        } else {
            stall?.cancel()
            stall = nil
            if ending != nil { context.close(promise: nil) } else { processInput() }
        }
    }

    private func write(_ line: ByteBuffer, _ context: ChannelHandlerContext) {
        isInFlight = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        let bytes = line.readableBytes
        promise.futureResult.assumeIsolated().whenComplete { self.hasWritten(bytes, $0) }
        context.writeAndFlush(wrapOutboundOut(line), promise: promise)
    }

    private func hasWritten(_ bytes: Int, _ outcome: Result<Void, any Error>) {
        isInFlight = false
        switch outcome {
        case .success:
            hub.count(sent: bytes)
            if !isPumping {
                // The kernel had refused this line and took it now: that is progress.
                stall?.cancel()
                stall = nil
                pump()
            }
        case .failure:
            cut(.closed)
        }
    }

    private func armStall(_ loop: any EventLoop) {
        let timeout = TimeAmount(hub.configuration.stallTimeout)
        stall = loop.assumeIsolated().scheduleTask(in: timeout) { self.cut(.stalled) }
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReadPending = false
        processInput()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent {
            // The client has asked all it will; it may still listen.
            hasInputEnded = true
            processInput()
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func processInput() {
        guard !isProcessing, isAdmitted else { return }
        isProcessing = true
        defer { isProcessing = false }
        while ending == nil, !isAwaitingPicture, queue.replies < ClientHandler.waitingReplies {
            guard allowance.isOpen(nowNs: NIODeadline.now().uptimeNanoseconds) else { return waitForAllowance() }
            switch splitter.next(atEnd: hasInputEnded) {
            case .nothing: return readMore()
            case .tooLong:
                send(RequestError.tooLong.reply)
                end(.tooLong)
            case .blank: allowance.spend(nowNs: NIODeadline.now().uptimeNanoseconds)
            case .line(let line):
                allowance.spend(nowNs: NIODeadline.now().uptimeNanoseconds)
                answer(line)
            }
        }
    }

    private func readMore() {
        guard !isReadPending, !hasInputEnded, ending == nil, let context else { return }
        isReadPending = true
        context.read()
    }

    private func waitForAllowance() {
        guard pause == nil, let context else { return }
        let due = NIODeadline.uptimeNanoseconds(allowance.opensAtNs)
        pause = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) {
            self.pause = nil
            self.processInput()
        }
    }

    private func answer(_ line: [UInt8]) {
        do throws(RequestError) {
            let request = try ClientRequest(line: line)
            switch hub.answer(request.operation, from: peer) {
            case .success(.subscribed(let subscription)):
                filter = SubscriptionFilter(subscription)
                let missed = hub.missed(subscription, upTo: helloStateSeq)
                send(Reply(id: request.id, outcome: .success(missed.map { .resumed($0.0) } ?? .none)))
                for line in missed?.lines ?? [] { send(line, kind: .state) }
                hub.recountSubscribers()
                if subscription.needsInference { hub.noteSubscription() }
            case .success(.later(let ask)): awaitPicture(request.id, ask)
            case .success(.body(let body)): send(Reply(id: request.id, outcome: .success(body)))
            case .failure(let error): send(Reply(id: request.id, outcome: .failure(error)))
            }
        } catch {
            send(error.reply)
        }
    }

    private func awaitPicture(_ id: RequestID?, _ ask: (@escaping ServerHandlers.PictureAnswer) -> Void) {
        guard let loop = context?.eventLoop else { return }
        isAwaitingPicture = true
        let client = NIOLoopBound(self, eventLoop: loop)
        ask { outcome in loop.execute { client.value.pictureCame(Reply(id: id, outcome: outcome.map { .picture($0) })) }
        }
    }

    private func pictureCame(_ reply: Reply) {
        isAwaitingPicture = false
        guard context != nil, ending == nil else { return }
        send(reply)
        processInput()
    }
}

extension Error {
    /// The client closed its end: nothing to count as a failure.
    fileprivate var isPeerGone: Bool {
        if let error = self as? IOError { return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE }
        return self is ChannelError
    }
}
