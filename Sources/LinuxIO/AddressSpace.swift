import Glibc

/// The limit of addresses that a process may use, RLIMIT_AS.
package enum AddressSpace {
    /// Bytes that a program needs to start its threads and read a model. Most of it is never touched: each thread's stack and heap
    /// take addresses, not memory.
    package static let leastBytes = 256 << 20

    /// What to say where the limit is too low; nil where it is not.
    package static var shortage: String? {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < leastBytes else {
            return nil
        }
        return "may use \(limit.rlim_cur >> 20) MiB of addresses and needs \(leastBytes >> 20): raise ulimit -v; "
            + "in a unit, MemoryMax= limits memory itself"
    }
}
