internal import LinuxIO
internal import Synchronization

/// Tells the service manager how the daemon does, sd_notify(3). Does nothing where there is none. Any thread.
///
/// The watchdog is fed by `progress` alone, which the inference loop calls each time it comes round, with or without a frame:
/// a network that hangs feeds nothing, however alive the other threads are.
package final class ServiceNotifier: Sendable {
    private struct State {
        var fedNs: UInt64 = 0
        var status = ""
    }

    private let socket: DatagramSocket?
    /// Longest time between two feedings that the manager accepts.
    private let watchdogNs: UInt64?
    private let state = Mutex(State())

    /// From `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`.
    package init(environment: [String: String], processID: Int32) {
        // Without the manager's ear there is nobody to complain to.
        socket = environment["NOTIFY_SOCKET"].flatMap { try? DatagramSocket(to: $0) }
        let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == processID } ?? true
        let period = environment["WATCHDOG_USEC"].flatMap { UInt64($0) }.flatMap { $0 > 0 ? $0 : nil }
        watchdogNs =
            socket != nil && isForUs ? period.map { $0.multipliedReportingOverflow(by: 1000).partialValue } : nil
    }

    /// How long the inference loop may rest before it comes round again; nil is for ever.
    package var longestRestNs: UInt64? { watchdogNs.map { $0 / 3 } }

    /// The inference loop has come round. Cheap: most calls send nothing.
    package func progress() {
        guard let watchdogNs else { return }
        let now = MonotonicClock.now()
        let isDue = state.withLock { state in
            guard now - state.fedNs >= watchdogNs / 4 else { return false }
            state.fedNs = now
            return true
        }
        if isDue { send("WATCHDOG=1") }
    }

    /// Model and socket are there.
    package func ready(_ status: String) {
        state.withLock { $0.status = status }
        send("READY=1\nSTATUS=\(ServiceNotifier.line(status))")
    }

    /// Between this and `ready` lies a reload.
    package func reloading() {
        send("RELOADING=1\nMONOTONIC_USEC=\(MonotonicClock.now() / 1000)\nSTATUS=reloading")
    }

    package func stopping() { send("STOPPING=1\nSTATUS=stopping") }

    /// What `systemctl status` shows. The same text again is not sent.
    package func status(_ text: String) {
        guard socket != nil else { return }
        let isNews = state.withLock { state in
            defer { state.status = text }
            return state.status != text
        }
        if isNews { send("STATUS=\(ServiceNotifier.line(text))") }
    }

    /// A line break would begin another assignment.
    private static func line(_ text: String) -> String { text.replacing("\n", with: " ") }

    /// A message that does not arrive is missed by the manager's own timeouts; there is nobody else to tell.
    private func send(_ message: String) { try? socket?.send(message) }
}
