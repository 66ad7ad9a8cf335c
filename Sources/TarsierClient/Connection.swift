import LinuxIO
import NIOCore
import NIOPosix
import Wire

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One connection to the daemon: messages in, requests out. Reads only as fast as its messages are taken, so that the
/// daemon notices a slow reader.
struct Connection: Sendable {
    typealias Messages = NIOThrowingAsyncSequenceProducer<
        ServerMessage, any Error, NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark, ReadOnDemand
    >

    let channel: any Channel
    /// What the daemon sends, once; ends when the connection does. Dropping it closes the connection.
    let messages: Messages

    /// - Throws: `TarsierError`, or `CancellationError`.
    static func open(path: String) async throws -> Connection {
        let socket = try await connect(to: path)
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(socket) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let made = Messages.makeSequence(
                        backPressureStrategy: .init(lowWatermark: 8, highWatermark: 32), finishOnDeinit: false,
                        delegate: ReadOnDemand(channel: channel))
                    try channel.pipeline.syncOperations.addHandler(MessageReader(source: made.source))
                    return Connection(channel: channel, messages: made.sequence)
                }
            }
    }

    /// A queue of connections that is full moves as fast as the daemon takes them: tried again for two seconds.
    private static func connect(to path: String) async throws -> CInt {
        let deadline = ContinuousClock.now + .seconds(2)
        while true {
            do throws(SystemError) {
                // Own code and not the library's, which takes 103 bytes of path where Linux takes 107. Never waits.
                return try UnixSocket.connect(to: path).release()
            } catch {
                guard error.errno == EAGAIN, ContinuousClock.now < deadline else {
                    throw TarsierError(connecting: path, error: error)
                }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func send(_ request: ClientRequest) async throws {
        do {
            try await channel.writeAndFlush(ByteBuffer(bytes: request.encodeLine()))
        } catch {
            throw TarsierError(.disconnected, "the daemon closed the connection")
        }
    }

    func close() { channel.close(promise: nil) }
}

extension TarsierError {
    fileprivate init(connecting path: String, error: SystemError) {
        switch error.errno {
        case ENAMETOOLONG:
            let limit = UnixSocket.longestPath
            self.init(.badPath, "\(path) cannot be a socket's path: it has 1 to \(limit) bytes")
        case ENOENT, ECONNREFUSED, ENOTDIR:
            self.init(.notRunning, "no daemon listens on \(path); start it with `tarsier run --socket \(path)`")
        case EACCES, EPERM:
            self.init(.permissionDenied, "no permission to use \(path); join the group that owns it")
        case EAGAIN:
            self.init(.busy, "the daemon on \(path) has too many connections waiting; try again")
        default:
            self.init(.disconnected, "cannot connect to \(path): \(error.reason)")
        }
    }
}

/// Passes the reader's appetite on to the channel.
final class ReadOnDemand: NIOAsyncSequenceProducerDelegate {
    private let channel: any Channel

    init(channel: any Channel) { self.channel = channel }

    func produceMore() { channel.read() }
    func didTerminate() { channel.close(promise: nil) }
}

/// Cuts the daemon's bytes into lines and reads them. The channel's event loop alone.
final class MessageReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let source: Connection.Messages.Source
    private var buffer = ByteBuffer()
    private var wantsMore = true

    init(source: Connection.Messages.Source) { self.source = source }

    func channelActive(context: ChannelHandlerContext) { context.read() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        buffer.writeBuffer(&bytes)
        var messages: [ServerMessage] = []
        do {
            while let line = readLine() { messages.append(try ServerMessage(line: line)) }
            guard buffer.readableBytes < WireLimits.lineBytes else {
                throw WireError(message: "a line of more than \(WireLimits.lineBytes) bytes")
            }
        } catch {
            deliver(messages)
            source.finish(TarsierError(.protocolError, "this is not a tarsier daemon: \(error)"))
            context.close(promise: nil)
            return
        }
        deliver(messages)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if wantsMore { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) { source.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func deliver(_ messages: [ServerMessage]) {
        guard !messages.isEmpty else { return }
        switch source.yield(contentsOf: messages) {
        case .produceMore: wantsMore = true
        case .stopProducing, .dropped: wantsMore = false
        }
    }

    private func readLine() -> [UInt8]? {
        guard let newline = buffer.readableBytesView.firstIndex(of: 0x0A) else { return nil }
        let line = buffer.readBytes(length: newline - buffer.readerIndex)
        buffer.moveReaderIndex(forwardBy: 1)
        buffer.discardReadBytes()
        return line
    }
}
