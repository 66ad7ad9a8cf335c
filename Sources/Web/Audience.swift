internal import NIOCore
internal import NIOHTTP1

/// The open pages: each event is encoded once and handed to all of them. The server's loop alone.
///
/// A page that reads too slowly misses results and pictures; once it has missed anything else it is told everything anew when it
/// reads again, and after `patience` without progress it is hung up on.
final class Audience {
    /// How long a page may take nothing while something waits for it.
    static let patience = TimeAmount.seconds(10)
    /// How long history is kept up for a page that is being loaded anew.
    static let linger = TimeAmount.seconds(3)

    private final class Page {
        let channel: any Channel
        let wantsPictures: Bool
        var needsSnapshot = false
        var stall: Scheduled<Void>?
        init(_ channel: any Channel, wantsPictures: Bool) {
            (self.channel, self.wantsPictures) = (channel, wantsPictures)
        }
    }

    private let loop: any EventLoop
    private var pages: [ObjectIdentifier: Page] = [:]
    private var history = PageHistory()
    /// The wall clock in milliseconds, for pages to show; what is measured, the loop's own clock measures.
    private let clock: () -> Int64
    /// Called when the first page comes, the last one goes, or the first or last that wants pictures.
    private let demandChanged: (Demand) -> Void
    private var demand = Demand.nothing
    /// Due when the last page has been gone for a while.
    private var farewell: Scheduled<Void>?

    enum Demand: Hashable, Sendable { case nothing, events, eventsAndPictures }

    init(loop: any EventLoop, clock: @escaping () -> Int64, demandChanged: @escaping (Demand) -> Void) {
        (self.loop, self.clock, self.demandChanged) = (loop, clock, demandChanged)
    }

    var count: Int { pages.count }

    /// The response's head has been written to `channel`.
    func add(_ channel: any Channel, wantsPictures: Bool) {
        pages[ObjectIdentifier(channel)] = Page(channel, wantsPictures: wantsPictures)
        write(PageEvent.opening, to: channel)
        write(history.snapshot(nowMs: clock(), withPicture: wantsPictures).bytes, to: channel)
        updateDemand()
    }

    func remove(_ channel: any Channel) {
        guard let page = pages.removeValue(forKey: ObjectIdentifier(channel)) else { return }
        page.stall?.cancel()
        updateDemand()
    }

    func publish(_ event: PageEvent) {
        history.add(event, at: loop.now)
        let bytes = ByteBuffer(bytes: event.bytes)
        for page in pages.values where event.kind != .picture || page.wantsPictures {
            if page.channel.isWritable {
                send(bytes, to: page.channel)
            } else {
                if event.kind.isNeeded { page.needsSnapshot = true }
                watch(page)
            }
        }
    }

    /// Something must be written now and then, or a page that is gone stays for ever.
    func beat() {
        let bytes = ByteBuffer(bytes: PageEvent.heartbeat)
        for page in pages.values {
            if page.channel.isWritable { send(bytes, to: page.channel) } else { watch(page) }
        }
    }

    /// The page has taken what waited for it.
    func writable(_ channel: any Channel) {
        guard let page = pages[ObjectIdentifier(channel)] else { return }
        page.stall?.cancel()
        page.stall = nil
        if page.needsSnapshot {
            page.needsSnapshot = false
            write(history.snapshot(nowMs: clock(), withPicture: page.wantsPictures).bytes, to: channel)
        }
    }

    private func watch(_ page: Page) {
        guard page.stall == nil else { return }
        let channel = page.channel
        page.stall = loop.scheduleTask(in: Audience.patience) { channel.close(promise: nil) }
    }

    private func write(_ bytes: [UInt8], to channel: any Channel) {
        send(ByteBuffer(bytes: bytes), to: channel)
    }

    private func send(_ bytes: ByteBuffer, to channel: any Channel) {
        channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(bytes)), promise: nil)
    }

    private func updateDemand() {
        farewell?.cancel()
        farewell = nil
        if !pages.isEmpty {
            follow(pages.values.contains(where: \.wantsPictures) ? .eventsAndPictures : .events)
        } else if demand != .nothing {
            follow(.events)
            let own = NIOLoopBound(self, eventLoop: loop)
            farewell = loop.scheduleTask(in: Audience.linger) { own.value.close() }
        }
    }

    /// Nobody is there: what comes from here on is not history but a hole.
    private func close() {
        follow(.nothing)
        history = PageHistory()
    }

    private func follow(_ next: Demand) {
        guard next != demand else { return }
        demand = next
        demandChanged(next)
    }
}
