import TarsierClient
import Wire

/// What `tarsier watch` knows: the last result, the daemon's counters and a minute of history. Pure: events in, numbers out.
struct WatchBoard: Sendable {
    /// Samples that are kept, one a second.
    static let mostSamples = 120
    static let mostEvents = 50

    struct Link: Sendable {
        var isUp = false
        /// Why there is no daemon; empty before the first try.
        var cause = ""
    }

    /// What one second brought.
    struct Sample: Sendable {
        /// Inferences a second; nil for the first sample of a daemon.
        var rate: Double?
        /// Of the daemon, in percent of one core; nil where the machine does not say.
        var cpuPercent: Double?
        /// CPU time of one inference, in milliseconds, with everything that belongs to it.
        var cpuMs: Double? {
            guard let rate, let cpuPercent, rate > 0 else { return nil }
            return cpuPercent * 10 / rate
        }
    }

    private(set) var link = Link()
    private(set) var hello: Hello?
    private(set) var result: ResultEvent?
    private(set) var camera: CameraEvent?
    private(set) var status: Status?
    private(set) var samples: [Sample] = []
    /// Newest last.
    private(set) var events: [(clock: String, text: String)] = []
    /// Counts changes, so that a screen is drawn only when there is something new.
    private(set) var version = 0

    var sample: Sample? { samples.last }

    /// - Parameter clock: hours, minutes and seconds of now.
    mutating func add(_ event: TarsierEvent, clock: String) {
        version += 1
        switch event {
        case .connected(let hello):
            link = Link(isUp: true)
            (self.hello, result, status, samples) = (hello, hello.last, nil, [])
            camera = CameraEvent(state: hello.camera.state, cause: "")
            note("connected to \(hello.model.name), \(hello.camera.id)", clock)
        case .result(let result): self.result = result
        case .camera(let camera):
            self.camera = camera
            note(event.summary ?? "", clock)
        case .power(let power):
            status?.power = power
            note("governor: \(power.sentence)", clock)
        case .presence(let presence):
            if case .enter = presence.change {
                note("\(presence.label) came", clock)
            } else {
                note("\(presence.label) went", clock)
            }
        case .gap: break
        case .disconnected(let error, _):
            if link.isUp || link.cause != error.message { note("no daemon: \(error.message)", clock) }
            link = Link(isUp: false, cause: error.message)
        }
    }

    mutating func add(_ status: Status) {
        version += 1
        var sample = Sample()
        sample.cpuPercent = status.sensors["own_cpus"].map { $0 * 100 }
        if let before = self.status, status.uptimeMs > before.uptimeMs, status.frames.inferred >= before.frames.inferred
        {
            let seconds = Double(status.uptimeMs - before.uptimeMs) / 1000
            sample.rate = Double(status.frames.inferred - before.frames.inferred) / seconds
        }
        if samples.count == WatchBoard.mostSamples { samples.removeFirst() }
        samples.append(sample)
        self.status = status
    }

    private mutating func note(_ text: String, _ clock: String) {
        if events.count == WatchBoard.mostEvents { events.removeFirst() }
        events.append((clock, text))
    }
}

extension PowerEvent {
    /// Threads, rate and why, for people.
    var sentence: String {
        let limit = rate.map { "at most \($0.text($0 == $0.rounded() ? 0 : 1)) a second" } ?? "every frame"
        return "\(threads) thread\(threads == 1 ? "" : "s"), \(limit): \(cause)"
    }
}
