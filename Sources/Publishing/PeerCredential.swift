#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Who connected, as the kernel wrote it down at that moment: `struct ucred` of `SO_PEERCRED`, unix(7).
struct PeerCredential: Sendable {
    let processID: Int32
    let userID: UInt32
    let groupID: UInt32

    /// Root and the daemon's own user may change settings.
    var mayChangeSettings: Bool { mayChangeSettings(ofDaemonRunBy: geteuid()) }

    func mayChangeSettings(ofDaemonRunBy user: UInt32) -> Bool { userID == 0 || userID == user }
}
