import CLinux
import Glibc

/// Wakes a thread that waits in `poll`: an eventfd. Any thread may raise it; it stays raised until cleared.
package final class EventSignal: Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        event = Descriptor(owning: try retrying("eventfd") { tsr_eventfd() })
    }

    /// For `poll`: readable while raised.
    package var descriptor: CInt { event.raw }

    /// Raises the signal. Cannot fail: the counter would have to overflow.
    package func raise() {
        var one: UInt64 = 1
        _ = unsafe write(event.raw, &one, 8)
    }

    /// Lowers the signal; true when it was raised.
    @discardableResult
    package func clear() -> Bool {
        var count: UInt64 = 0
        return unsafe read(event.raw, &count, 8) == 8
    }

    /// Why a wait ended.
    package enum Wake: Hashable, Sendable {
        /// There is something to read, or the other end is gone and a read will say so.
        case readable
        /// The descriptor is in error (POLLERR, POLLHUP without data, POLLNVAL): the next call on it says which.
        case failed
        /// The descriptor has an event of its own (POLLPRI) and nothing to read; only where events were asked for.
        case event
        /// This signal was raised; it is left raised.
        case raised
        case timedOut
    }

    /// Waits until `descriptor` is readable or this signal is raised (which wins), at most `timeoutNs` (nil: no limit).
    /// - Parameter events: also ends when the descriptor has an event (POLLPRI).
    package func wait(
        for descriptor: CInt, events: Bool = false, timeoutNs: UInt64? = nil
    ) throws(SystemError) -> Wake {
        let deadline = timeoutNs.map { MonotonicClock.now() &+ $0 }
        var entries = [
            pollfd(fd: event.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(events ? POLLIN | POLLPRI : POLLIN), revents: 0),
        ]
        while true {
            // Rounded up: a wait of 0.5 ms must not become a busy loop.
            let leftMs = deadline.map { deadline in
                let now = MonotonicClock.now()
                return now >= deadline ? 0 : CInt(clamping: (deadline - now + 999_999) / 1_000_000)
            }
            let result = unsafe poll(&entries, 2, leftMs ?? -1)
            let code = errno
            if result == -1 {
                if code == EINTR { continue }
                throw SystemError(call: "poll", errno: code)
            }
            if entries[0].revents != 0 { return .raised }
            if entries[1].revents & Int16(POLLIN) != 0 { return .readable }
            if entries[1].revents == Int16(POLLPRI) { return .event }
            if entries[1].revents != 0 { return .failed }
            if result == 0, let deadline, MonotonicClock.now() >= deadline { return .timedOut }
        }
    }
}
