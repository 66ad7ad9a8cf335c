import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Wire

@testable import Publishing

/// How many answers wait for a client that does not take them, counted to the last.
@Suite struct WaitingAnswersTests {
    @Test func `Four answers wait for a client that takes none, and never more when it takes some`() throws {
        let answered = Atomic(0)
        let handlers = ServerHandlers(metrics: { _, _ in
            "metrics \(answered.wrappingAdd(1, ordering: .relaxed).newValue)"
        })
        let shared = Hub.Shared(identity: Fixture.identity(), handlers: handlers, run: "run")
        let kernel = FullKernel()
        let channel = EmbeddedChannel()
        let hub = Hub(configuration: ServerConfiguration(path: "/none"), shared: shared, loop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandlers([kernel, ClientHandler(hub: hub)])
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
        try channel.writeInbound(ByteBuffer(string: String(repeating: "{\"op\":\"metrics\"}\n", count: 50)))
        // The kernel holds the hello; behind it wait four answers, and 46 requests.
        #expect(kernel.held == 1)
        #expect(answered.load(ordering: .relaxed) == 4)
        // All are answered, in turns: what it took, and what is on its way, waits no more.
        var (taken, most) = (0, 0)
        while kernel.take() {
            taken += 1
            most = max(most, answered.load(ordering: .relaxed) + 1 - taken - kernel.held)
        }
        #expect(most == 4)
        #expect(taken == 51 && answered.load(ordering: .relaxed) == 50)
        _ = try? channel.finish()
    }

    @Test func `Settings are for root and the daemon's own user`() {
        func may(_ user: UInt32, daemon: UInt32) -> Bool {
            PeerCredential(processID: 1, userID: user, groupID: 0).mayChangeSettings(ofDaemonRunBy: daemon)
        }
        #expect(may(0, daemon: 999) && may(999, daemon: 999) && may(0, daemon: 0))
        #expect(!may(1000, daemon: 999) && !may(65534, daemon: 0))
    }
}

/// A kernel that takes a line only when it is told to.
private final class FullKernel: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var lines: [EventLoopPromise<Void>?] = []
    var held: Int { lines.count }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) { lines.append(promise) }

    /// False when there is nothing to take.
    func take() -> Bool {
        guard !lines.isEmpty else { return false }
        lines.removeFirst()?.succeed()
        return true
    }
}
