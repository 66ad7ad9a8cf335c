internal import NIOCore
internal import NIOHTTP1

/// One connection of a browser or a program: a request, its answer, and the next. The server's loop alone.
final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let site: Site
    private var head: HTTPRequestHead?
    private var isAnswering = false
    private var isEntered = false
    /// Due when the client is too slow.
    private var deadline: Scheduled<Void>?

    init(site: Site) { self.site = site }

    // MARK: life

    func channelActive(context: ChannelHandlerContext) {
        let isWelcome = site.enter()
        isEntered = true
        if isWelcome {
            expect(.seconds(site.configuration.requestSeconds), context)
        } else {
            let text = "\(site.configuration.mostConnections) connections are open, the most there may be\n"
            answer(.serviceUnavailable, PlainAnswer.plain, Array(text.utf8), keepAlive: false, context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        site.audience.remove(context.channel)
        if isEntered { site.leave() }
        isEntered = false
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { site.audience.writable(context.channel) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Hangs up unless something ends the wait before.
    private func expect(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    // MARK: requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // A second request before the first is answered, or while events stream: nothing we serve does that.
            guard !isAnswering, self.head == nil else { return context.close(promise: nil) }
            self.head = head
        case .body: break
        case .end:
            guard let head, !isAnswering else { return }
            self.head = nil
            isAnswering = true
            expect(.seconds(site.configuration.answerSeconds), context)
            answer(head, context)
        }
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch site.access.judge(head) {
        case .allowed(let path, let query): route(path, query, head, context)
        case .signedIn(let token, let location):
            var headers = ResponseHeaders.make(type: PlainAnswer.plain, length: 0)
            headers.add(name: "Location", value: location)
            headers.add(
                name: "Set-Cookie",
                value: "\(RequestGuard.cookie)=\(token); Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict")
            send(.seeOther, headers, [], head, context)
        case .tokenNeeded(let isPerson):
            if isPerson { return send(PageAsset.login, status: .unauthorized, head, context) }
            let text = "a token is needed: Authorization: Bearer TOKEN\n"
            var headers = ResponseHeaders.make(type: PlainAnswer.plain, length: text.utf8.count)
            headers.add(name: "WWW-Authenticate", value: "Bearer")
            send(.unauthorized, headers, Array(text.utf8), head, context)
        case .refused(let status, let reason):
            answer(
                status, PlainAnswer.plain, Array((reason + "\n").utf8), isHead: head.method == .HEAD, keepAlive: false,
                context)
        }
    }

    private func route(
        _ path: String, _ query: [String: String], _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        switch path {
        case "/events": stream(withPictures: query["picture"] == "1", head, context)
        case "/metrics": answer(with: site.metrics, head, context)
        case "/healthz": answer(with: site.health, head, context)
        case "/card.json": answer(with: site.card, head, context)
        case "/report":
            guard let report = site.configuration.report else { return notFound(head, context) }
            let headers = ResponseHeaders.make(type: "text/html; charset=utf-8", length: report.count, isReport: true)
            send(.ok, headers, report, head, context)
        default:
            guard let asset = PageAsset.all[path] else { return notFound(head, context) }
            send(asset, status: .ok, head, context)
        }
    }

    // MARK: answers

    private func stream(withPictures: Bool, _ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let headers = ResponseHeaders.make(type: "text/event-stream", length: nil)
        if head.method == .HEAD { return send(.ok, headers, [], head, context) }
        // From here on the audience watches whether the page reads.
        deadline?.cancel()
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        site.audience.add(context.channel, wantsPictures: withPictures)
    }

    private func answer(
        with question: DaemonQuestion<PlainAnswer>, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        let own = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        question.answer().whenSuccess { answer in
            let (handler, context) = own.value
            guard handler.isEntered else { return }
            // A browser would save what it does not know instead of showing it.
            let isPerson = head.headers["accept"].contains { $0.contains("text/html") }
            handler.answer(
                answer.isGood ? .ok : .serviceUnavailable, isPerson ? PlainAnswer.plain : answer.type,
                Array(answer.text.utf8),
                isHead: head.method == .HEAD, keepAlive: head.isKeepAlive, context)
        }
    }

    private func notFound(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        answer(
            .notFound, PlainAnswer.plain, Array("there is no such page\n".utf8), isHead: head.method == .HEAD,
            keepAlive: head.isKeepAlive, context)
    }

    private func send(
        _ asset: PageAsset, status: HTTPResponseStatus, _ head: HTTPRequestHead, _ context: ChannelHandlerContext
    ) {
        send(status, ResponseHeaders.make(type: asset.type, length: asset.bytes.count), asset.bytes, head, context)
    }

    private func answer(
        _ status: HTTPResponseStatus, _ type: String, _ body: [UInt8], isHead: Bool = false, keepAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        let headers = ResponseHeaders.make(type: type, length: body.count)
        send(status, headers, body, isHead: isHead, keepAlive: keepAlive, context)
    }

    private func send(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8], _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        send(status, headers, body, isHead: head.method == .HEAD, keepAlive: head.isKeepAlive, context)
    }

    private func send(
        _ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: [UInt8], isHead: Bool, keepAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        var headers = headers
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        if status == .methodNotAllowed { headers.add(name: "Allow", value: "GET, HEAD") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if !isHead, !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        let own = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        promise.futureResult.whenComplete { _ in
            let (handler, context) = own.value
            guard handler.isEntered else { return }
            handler.hasAnswered(keepAlive: keepAlive, context)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    /// The kernel has all of it.
    private func hasAnswered(keepAlive: Bool, _ context: ChannelHandlerContext) {
        isAnswering = false
        if keepAlive {
            expect(.seconds(site.configuration.requestSeconds), context)
        } else {
            context.close(promise: nil)
        }
    }
}
