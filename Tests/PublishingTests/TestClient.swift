import NIOCore
import NIOPosix
import Publishing
import Wire

/// A client on a real socket, without anything of TarsierClient: raw bytes out, messages in.
struct TestClient {
    let channel: any Channel
    private var lines: AsyncThrowingStream<[UInt8], any Error>.Iterator

    /// - Parameter isReading: false for a client that never reads.
    init(path: String, isReading: Bool = true) async throws {
        let (stream, continuation) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: isReading)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LineCollector(continuation))
                    return channel
                }
            }
        lines = stream.makeAsyncIterator()
    }

    /// The next message; nil when the server has closed the connection.
    mutating func next() async throws -> ServerMessage? {
        guard let line = try await lines.next() else { return nil }
        return try ServerMessage(line: line)
    }

    /// Passes over messages until one is of interest.
    mutating func next<Value>(where pick: (ServerMessage) -> Value?) async throws -> Value? {
        while let message = try await next() {
            if let value = pick(message) { return value }
        }
        return nil
    }

    mutating func hello() async throws -> Hello? {
        try await next { if case .hello(let hello) = $0 { hello } else { nil } }
    }

    mutating func result() async throws -> ResultEvent? {
        try await next { if case .result(let result) = $0 { result } else { nil } }
    }

    mutating func reply() async throws -> Reply? {
        try await next { if case .reply(let reply) = $0 { reply } else { nil } }
    }

    /// Reads to the end of the connection.
    mutating func rest() async throws -> [ServerMessage] {
        var messages: [ServerMessage] = []
        while let message = try await next() { messages.append(message) }
        return messages
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Subscribes and waits until the server has said so.
    mutating func subscribe(_ subscription: Subscription) async throws -> Reply? {
        let request = ClientRequest(id: .number(77), operation: .subscribe(subscription))
        try await channel.writeAndFlush(ByteBuffer(bytes: request.encodeLine()))
        return try await next { if case .reply(let reply) = $0, reply.id == .number(77) { reply } else { nil } }
    }

    /// Subscribes a client that does not read: the server's count of subscribers tells that it has been heard.
    func subscribeUnheard(_ subscription: Subscription, gauge: Gauge) async throws {
        try await send(#"{"op":"subscribe","events":[]}"# + "\n")
        await gauge.wait(for: 0)
        let request = ClientRequest(id: nil, operation: .subscribe(subscription))
        try await channel.writeAndFlush(ByteBuffer(bytes: request.encodeLine()))
        await gauge.wait(for: 1)
    }

    /// Starts to read; for a client that did not.
    func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// shutdown(SHUT_WR): no more requests, and still listening.
    func closeOutput() async throws {
        try await channel.close(mode: .output)
    }

    func close() async throws {
        try await channel.close()
    }
}

private final class LineCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private var buffer: [UInt8] = []

    init(_ continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation) { self.continuation = continuation }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let newline = buffer.firstIndex(of: 0x0A) {
            continuation.yield(Array(buffer[...newline]))
            buffer.removeSubrange(...newline)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent {
            continuation.finish()
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
