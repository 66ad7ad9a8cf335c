import NIOCore
import NIOPosix
import Synchronization
package import Wire

/// Publishes results and state events to any number of clients on a Unix domain socket.
///
/// Owns one thread, the socket and its file. `publish` may be called from the inference thread: it takes one short
/// lock, encodes nothing and waits for nobody. The protocol is described in `docs/wire.md`.
package final class ResultServer: Sendable {
    private let configuration: ServerConfiguration
    private let shared: Hub.Shared

    private struct Running {
        let group: MultiThreadedEventLoopGroup
        let listener: any Channel
        let hub: NIOLoopBound<Hub>
        let file: SocketFile?
    }

    private enum Phase {
        case idle
        case running(Running)
        case stopped
    }

    private let phase = Mutex(Phase.idle)
    /// Asks the server's thread to come to the mailbox. A type of its own: a bare function inside a generic is wrapped once more
    /// each time it is lent out and put back, until calling it overflows the stack.
    private struct Waker: Sendable {
        let ask: @Sendable () -> Void
    }

    /// Nil until the server runs.
    private let wake = Mutex<Waker?>(nil)

    package init(
        configuration: ServerConfiguration, identity: ServerIdentity, handlers: ServerHandlers = ServerHandlers()
    ) {
        self.configuration = configuration
        shared = Hub.Shared(
            identity: identity, handlers: handlers,
            run: String(UInt64.random(in: 0...UInt64.max), radix: 36))
    }

    /// Binds the socket and serves. Blocks for milliseconds; not for an event loop.
    /// - Throws: `PublishingError` naming the path, the cause and the remedy. May be called again after a failure.
    package func start() throws(PublishingError) {
        let isIdle = phase.withLock { if case .idle = $0 { true } else { false } }
        guard isIdle else {
            throw PublishingError(
                .notStartable, path: configuration.path, message: "the server of \(configuration.path) has been started"
            )
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do throws(PublishingError) {
            let running = try listen(group)
            phase.withLock { $0 = .running(running) }
            let (hub, loop) = (running.hub, group.next())
            let drain: @Sendable () -> Void = { loop.execute { hub.value.drain() } }
            wake.withLock { $0 = Waker(ask: drain) }
            drain()
        } catch {
            group.shutdownQuietly()
            throw error
        }
    }

    /// Hands a result over. Any thread, never blocks on a client.
    /// - Parameter result: its `seq` must be above that of every result before.
    package func publish(_ result: ResultEvent) {
        if shared.mailbox.post(result) { askToDrain() }
    }

    /// Hands a state event over. Any thread, never blocks on a client.
    package func publish(_ event: StateEvent) {
        if shared.mailbox.post(event) { askToDrain() }
    }

    /// Where it listens.
    package var path: String { configuration.path }

    /// Clients subscribed to results. Any thread, no lock.
    package var subscriberCount: Int { shared.mailbox.resultSubscribers.load(ordering: .relaxed) }

    /// Whether anybody wants results. Any thread, no lock.
    package var hasSubscribers: Bool { subscriberCount > 0 }

    /// The socket's counters. Any thread.
    package var counters: Status.Clients { shared.counters.withLock { $0 } }

    /// Another model from now on: for every later `hello`, for `labels`, and for the labels that a subscription may name.
    /// Subscriptions stay as they are. Any thread.
    package func replace(model: ModelInfo, labels: [String]) {
        shared.identity.withLock { identity in
            identity.model = model
            identity.labels = labels
        }
    }

    /// Replaces what answers for the daemon. Any thread.
    package func setHandlers(_ handlers: ServerHandlers) {
        shared.handlers.withLock { $0 = handlers }
    }

    /// Sends what is queued, ends all connections and removes the socket file if it is still this server's. Clients
    /// that do not read get `shutdownGrace`. Blocks until done; not for an event loop. Further calls do nothing.
    package func shutdown() {
        let before = phase.withLock { phase in
            defer { phase = .stopped }
            return phase
        }
        guard case .running(let running) = before else { return }
        wake.withLock { $0 = nil }
        // Nobody new from here on. Neither wait can fail in a way that matters: the connections end all the same.
        let (hub, listener) = (running.hub, running.listener)
        let closeListener = { _ = try? listener.close().wait() }
        // The name goes first, while the lock keeps others away: nobody is to find it and be refused.
        running.file?.remove()
        closeListener()
        try? running.group.next().flatSubmit { hub.value.stop() }.wait()
        running.group.shutdownQuietly()
    }

    private func askToDrain() {
        let wake = wake.withLock { $0 }
        wake?.ask()
    }

    private func listen(_ group: MultiThreadedEventLoopGroup) throws(PublishingError) -> Running {
        let path = configuration.path
        let file: SocketFile?
        let descriptor: Int32
        if let activated = configuration.activated {
            (file, descriptor) = (nil, activated.descriptor)
        } else {
            let bound = try SocketFile.listen(path: path, mode: configuration.mode)
            (file, descriptor) = (bound.file, bound.descriptor)
        }
        let loop = group.next()
        let (configuration, shared) = (configuration, shared)
        let listener: any Channel
        let hub: NIOLoopBound<Hub>
        do {
            hub = try loop.submit {
                NIOLoopBound(Hub(configuration: configuration, shared: shared, loop: loop), eventLoop: loop)
            }.wait()
            listener = try makeBootstrap(group, hub).withBoundSocket(descriptor).wait()
        } catch {
            file?.remove()
            if let activated = configuration.activated {
                throw PublishingError(
                    .activationFailed, path: path,
                    message: "descriptor \(activated.descriptor) from the service manager is not a listening socket "
                        + "(\(error)); check the .socket unit")
            }
            throw PublishingError(
                .bindFailed, path: path, message: "cannot serve \(path): \(error); choose another --socket")
        }
        return Running(group: group, listener: listener, hub: hub, file: file)
    }

    private func makeBootstrap(_ group: any EventLoopGroup, _ hub: NIOLoopBound<Hub>) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelInitializer { listener in
                listener.eventLoop.makeCompletedFuture {
                    try listener.pipeline.syncOperations.addHandler(ListenerPause())
                }
            }
            // Clients read when they are told to: see ClientHandler.
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 4096))
            .childChannelOption(.socketOption(.so_sndbuf), value: configuration.sendBufferBytes)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientHandler(hub: hub.value))
                }
            }
    }
}

extension MultiThreadedEventLoopGroup {
    /// Ends the thread. There is nobody to tell of a failure, and nothing to do about one.
    fileprivate func shutdownQuietly() {
        try? syncShutdownGracefully()
    }
}
