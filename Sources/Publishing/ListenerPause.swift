import NIOCore

/// Lets a listener rest where no descriptor is left for who waits: the event loop would go round and round otherwise.
///
/// NIO's own `AcceptBackoffHandler` delays the next read, and a read whose `accept` failed is still the same one (2.101): so what is
/// switched off and on is whether the listener reads at all.
final class ListenerPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    /// How late a client is served, at most, once there is a descriptor for it.
    static let length = TimeAmount.milliseconds(250)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is IOError, let options = context.channel.syncOptions else { return context.fireErrorCaught(error) }
        try? options.setOption(.autoRead, value: false)
        // The listener may be closed by then.
        context.eventLoop.assumeIsolated().scheduleTask(in: ListenerPause.length) {
            try? options.setOption(.autoRead, value: true)
        }
    }
}
