import Glibc

/// Waits for any of many descriptors to become readable: poll(2), for programs with hundreds of connections and one thread.
package struct ReadinessList: Sendable {
    private var entries: [pollfd] = []

    package init() {}

    /// Adds a descriptor; its place in the list is the number of those before it.
    package mutating func add(_ descriptor: CInt) {
        entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
    }

    /// Looks at the descriptor in this place no more.
    package mutating func ignore(at place: Int) { entries[place].fd = -1 }

    /// Places of the descriptors that can be read or have failed; empty when the time ran out.
    package mutating func wait(timeoutMs: Int) throws(SystemError) -> [Int] {
        let count = nfds_t(entries.count)
        _ = try retrying("poll") { unsafe poll(&entries, count, CInt(clamping: timeoutMs)) }
        return entries.indices.filter { entries[$0].revents != 0 }
    }
}
