internal import LinuxIO
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

#if canImport(Glibc)
internal import Glibc
#endif

/// The page's server: HTTP/1.1 on one address, one thread. Everything it shows comes from the daemon's socket.
package final class WebServer: Sendable {
    private let listener: any Channel
    /// Where browsers find it.
    package let url: String

    private init(listener: any Channel, url: String) { (self.listener, self.url) = (listener, url) }

    /// Binds and serves.
    /// - Throws: `unavailable`, `permission`, `configuration`, naming the address.
    package static func start(_ configuration: WebConfiguration) async throws(WebError) -> WebServer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let address = configuration.listen
        do {
            let site = try await loop.submit {
                NIOLoopBound(Site(configuration, loop: loop, clock: WallClock.unixMilliseconds), eventLoop: loop)
            }.get()
            let listener = try await bootstrap(site, on: loop, configuration).bind(to: address.socketAddress()).get()
            let port = listener.localAddress?.port ?? address.port
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            return WebServer(listener: listener, url: "http://\(host):\(port)/")
        } catch {
            throw WebError(binding: address, error)
        }
    }

    /// Takes no more connections. Open ones end with the process.
    package func stop() async { try? await listener.close() }

    private static func bootstrap(
        _ site: NIOLoopBound<Site>, on loop: any EventLoop, _ configuration: WebConfiguration
    ) -> ServerBootstrap {
        var limits = NIOHTTPDecoderLimitConfiguration()
        (limits.maxHeaderFieldSize, limits.maxHeaderListSize) = (configuration.headBytes, configuration.headBytes)
        limits.maxHeaderFieldCount = 64
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 64)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            // What waits in the kernel is late for the eye, and costs memory for each page.
            .childChannelOption(.socketOption(.so_sndbuf), value: 64 * 1024)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 * 1024, high: 256 * 1024))
            .childChannelInitializer { [limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(HTTPResponseEncoder())
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
                    try pipeline.addHandler(HTTPServerProtocolErrorHandler())
                    try pipeline.addHandler(RequestHandler(site: site.value))
                }
            }
    }
}

extension WebError {
    fileprivate init(binding address: ListenAddress, _ error: any Error) {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: self.init(.unavailable, "\(address) is in use by another program; choose another --listen")
        case EADDRNOTAVAIL:
            self.init(.unavailable, "\(address) is no address of this machine; choose another --listen")
        case EACCES, EPERM:
            self.init(.permission, "no permission to listen on \(address); choose a port above 1023 with --listen")
        default: self.init(.unavailable, "cannot listen on \(address): \(error)")
        }
    }
}
