import Glibc

/// Whether output goes to the journal, sd-daemon(3) and systemd.exec(5).
package enum JournalStream {
    /// - Parameter variable: of `JOURNAL_STREAM`, "device:inode". It is inherited by programs whose output goes elsewhere, so it
    ///   must name the very file that `descriptor` leads to.
    package static func leads(to descriptor: CInt, variable: String?) -> Bool {
        let numbers = variable?.split(separator: ":", omittingEmptySubsequences: false).map { UInt64($0) } ?? []
        guard numbers.count == 2, let device = numbers[0], let inode = numbers[1] else { return false }
        var raw = stat()
        guard unsafe fstat(descriptor, &raw) == 0 else { return false }
        return UInt64(raw.st_dev) == device && UInt64(raw.st_ino) == inode
    }
}
