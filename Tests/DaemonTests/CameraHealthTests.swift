import Capture
import Logging
import Synchronization
import Testing
import Wire

@testable import Daemon

@Suite struct CameraHealthTests {
    /// What was published: states with the first word of their causes.
    private final class Told: Sendable {
        private let events = Mutex<[String]>([])
        var all: [String] { events.withLock { $0 } }
        func add(_ event: CameraEvent) {
            events.withLock { $0.append("\(event.state.rawValue) \(event.cause.prefix { $0 != ":" })") }
        }
    }

    private func health() -> (CameraHealth, Told) {
        let told = Told()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return (CameraHealth(log: log) { told.add($0) }, told)
    }

    private func unplugged(_ words: String = "unplugged: gone") -> CaptureError {
        CaptureError(.disconnected, source: "v4l2:/dev/video0", words)
    }

    @Test func `each change is told once, a second loss again`() {
        let (health, told) = health()
        for _ in 0..<2 {
            health.arrived("cam", notes: [])
            for _ in 0..<3 { health.lost(unplugged()) }
            health.lost(unplugged("no device: plug it in"))
        }
        health.arrived("cam", notes: [])
        let round = ["ok cam", "lost unplugged", "lost no device"]
        #expect(told.all == round + round + ["ok cam"])
    }

    @Test func `a few corrupt frames are no loss`() {
        let (health, told) = health()
        health.arrived("cam", notes: [])
        for _ in 0..<100 { health.corrupted("Premature end") }
        health.decoded()
        #expect(told.all == ["ok cam"], "they came within two seconds")
    }

    @Test func `a frame that was still on its way does not revive a lost camera`() {
        let (health, told) = health()
        health.arrived("cam", notes: [])
        health.lost(unplugged())
        health.decoded()
        #expect(told.all == ["ok cam", "lost unplugged"])
    }
}
