import Wire

/// Why a connection ended; the names of the counters.
package enum DisconnectReason: String, CaseIterable, Sendable {
    /// The client went.
    case closed
    /// The kernel took nothing for the stall time: the client does not read.
    case stalled
    /// More state events or replies waited than may.
    case overflow
    /// A request longer than a line may be.
    case tooLong = "too_long"
    /// The kernel reported an error.
    case failed
    /// The daemon stops.
    case shutdown
}

extension Status.Clients {
    mutating func count(_ reason: DisconnectReason) {
        disconnects[reason.rawValue, default: 0] += 1
    }
}
