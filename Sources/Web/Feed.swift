internal import NIOCore
internal import Synchronization
internal import TarsierClient
internal import Wire

/// The daemon's side of the page: one subscription for all open pages, one more connection for the counters, and one for pictures
/// while a page shows them. Nothing of it exists while no page is open.
final class Feed: Sendable {
    /// Results a second at most: what eyes can use.
    static let mostResults = 10.0
    static let samplePause = Duration.seconds(1)
    /// Between two pictures.
    static let picturePause = Duration.milliseconds(400)
    /// After a failure that a second try will not mend at once.
    static let longPause = Duration.seconds(3)

    private let client: TarsierClient
    /// Called from tasks; hands over to the server's loop.
    private let publish: @Sendable (PageEvent) -> Void
    private let clock: @Sendable () -> Int64
    private let tasks = Mutex<(events: [Task<Void, Never>], pictures: Task<Void, Never>?)>(([], nil))

    init(
        client: TarsierClient, clock: @escaping @Sendable () -> Int64, publish: @escaping @Sendable (PageEvent) -> Void
    ) {
        (self.client, self.clock, self.publish) = (client, clock, publish)
    }

    /// Starts and ends what the pages need. Any thread.
    func follow(_ demand: Audience.Demand) {
        tasks.withLock { tasks in
            if demand == .nothing {
                for task in tasks.events { task.cancel() }
                tasks.events = []
            } else if tasks.events.isEmpty {
                tasks.events = [Task { await self.events() }, Task { await self.samples() }]
            }
            if demand != .eventsAndPictures {
                tasks.pictures?.cancel()
                tasks.pictures = nil
            } else if tasks.pictures == nil {
                tasks.pictures = Task { await self.pictures() }
            }
        }
    }

    // MARK: one task each

    private func events() async {
        let subscription = Subscription(mode: .every, maxRate: Feed.mostResults, topK: 5)
        let reconnect = Backoff(initial: .milliseconds(250), maximum: .seconds(2))
        while !Task.isCancelled {
            do {
                for try await event in client.events(subscription: subscription, reconnect: reconnect) { tell(event) }
            } catch let error as TarsierError {
                // No permission, another protocol: somebody has to do something, and may while we run.
                publish(.gone(error.message))
                try? await Task.sleep(for: Feed.longPause)
            } catch {
                return
            }
        }
    }

    private func tell(_ event: TarsierEvent) {
        switch event {
        case .connected(let hello): publish(PageEvent(.hello, json: ServerMessage.hello(hello).encodeLine()))
        case .result(let result): publish(PageEvent(.result, json: result.encodeLine()))
        case .power(let power): state(.power(power))
        case .camera(let camera): state(.camera(camera))
        case .presence(let presence): state(.presence(presence))
        case .gap: break
        case .disconnected(let error, _): publish(.gone(error.message))
        }
    }

    private func state(_ message: ServerMessage) {
        let line = message.encodeLine().dropLast()
        publish(PageEvent(.state, json: Array("{\"at_ms\":\(clock()),\"event\":".utf8) + line + [UInt8(ascii: "}")]))
    }

    private func samples() async {
        var inquirer = TarsierInquirer(path: client.path)
        while !Task.isCancelled {
            if let status = try? await inquirer.status() {
                let line = status.encodeLine().dropLast()
                publish(
                    PageEvent(
                        .sample, json: Array("{\"at_ms\":\(clock()),\"status\":".utf8) + line + [UInt8(ascii: "}")]))
            }
            try? await Task.sleep(for: Feed.samplePause)
        }
        inquirer.close()
    }

    private func pictures() async {
        var inquirer = TarsierInquirer(path: client.path)
        var lastRefusal: String?
        while !Task.isCancelled {
            var pause = Feed.picturePause
            do {
                let picture = try await inquirer.picture()
                publish(PageEvent(.picture) { picture.write(to: &$0) })
                lastRefusal = nil
            } catch let error as TarsierError where error.reply?.code == .unavailable {
                // The camera is away or nothing is looked at: the page shows that already.
            } catch let error as TarsierError {
                let reason = error.reply?.message ?? error.message
                if error.code == .rejected, reason != lastRefusal {
                    lastRefusal = reason
                    publish(PageEvent(.picture) { $0.refusal(reason) })
                }
                pause = Feed.longPause
            } catch {
                break
            }
            try? await Task.sleep(for: pause)
        }
        inquirer.close()
    }
}

extension PageEvent {
    static func gone(_ reason: String) -> PageEvent { PageEvent(.gone) { $0.refusal(reason) } }
}

extension JSONLine {
    fileprivate mutating func refusal(_ reason: String) {
        beginObject()
        key("reason")
        string(reason)
        endObject()
    }
}
