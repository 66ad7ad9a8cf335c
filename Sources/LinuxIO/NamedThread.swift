import CLinux
import Glibc
import Synchronization

/// A thread of the operating system with a name (seen in `top -H`), a stack of chosen size and, when asked, one CPU to
/// itself. Join it; a thread that is never joined is detached when the last reference goes.
package final class NamedThread: Sendable {
    package let name: String
    private let handle: pthread_t
    private let isJoined = Mutex(false)

    /// Starts at once.
    /// - Parameters:
    ///   - name: at most 15 bytes are shown.
    ///   - cpu: number of the only CPU it may run on; nil leaves the choice to the kernel.
    ///   - stackBytes: at least 16 KiB; the default holds a kernel's scratch, not a deep recursion.
    /// - Throws: EINVAL when `cpu` is not allowed to this process, EAGAIN when there may be no more threads.
    package init(
        name: String, cpu: Int? = nil, stackBytes: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        self.name = name
        let work = unsafe Unmanaged.passRetained(Work(name, body))
        var handle = pthread_t()
        let code = unsafe tsr_thread_start(
            &handle, CInt(clamping: cpu ?? -1), stackBytes,
            { context in
                if let context = unsafe context {
                    let work = unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
                    work.run()
                }
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            throw SystemError(call: "pthread_create", errno: code)
        }
        self.handle = handle
    }

    deinit { if !isJoined.withLock({ $0 }) { pthread_detach(handle) } }

    /// Waits until the thread's body has returned. The second and later calls return at once.
    package func join() {
        let isFirst = isJoined.withLock { joined in
            defer { joined = true }
            return !joined
        }
        if isFirst { pthread_join(handle, nil) }
    }

    private final class Work: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        /// The thread names itself, so that it has its name in all that it does.
        func run() {
            unsafe tsr_name_thread(name)
            body()
        }
    }
}

/// The CPUs this process may use, which in a container or under taskset are fewer than the machine has.
package enum AllowedCPUs {
    /// Numbers, ascending; [0] when the kernel will not say.
    package static func list() -> [Int] {
        var cpus = [Int32](repeating: 0, count: 4096)
        let count = unsafe tsr_allowed_cpus(&cpus, CInt(cpus.count))
        return count > 0 ? cpus.prefix(Int(count)).map(Int.init) : [0]
    }

    /// At least 1.
    package static var count: Int { list().count }
}
