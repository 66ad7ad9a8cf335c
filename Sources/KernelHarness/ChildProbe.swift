import Glibc
import LinuxIO

/// Runs numbered steps in a child process, so that one that dies on a guard page is reported and not fatal.
///
/// The child is a fork of the calling thread alone. What its steps call must have run in the parent before (so that the
/// runtime's caches are filled: another thread may have held their locks at the fork), and an alarm ends a child that hangs.
struct ChildProbe {
    enum Outcome: Hashable, Sendable {
        case passed
        /// The step answered false.
        case failed(step: Int)
        /// A signal, or an exit that no step asked for, during the step.
        case died(step: Int, cause: String)
    }

    /// - Parameter step: answers whether the step went well.
    static func run(steps: Int, limitSeconds: UInt32 = 120, _ step: (Int) -> Bool) throws(SystemError) -> Outcome {
        let page = try SharedCounter()
        let child = fork()
        guard child >= 0 else { throw SystemError(call: "fork", errno: errno) }
        if child == 0 {
            for number in [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP] { signal(number, SIG_DFL) }
            var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
            alarm(limitSeconds)
            for index in 0..<steps {
                page.value = index
                if !step(index) { _exit(1) }
            }
            _exit(0)
        }
        var status: CInt = 0
        let waited = try retrying("waitpid") { unsafe waitpid(child, &status, 0) }
        precondition(waited == child)
        let signalNumber = status & 0x7F
        if signalNumber != 0 { return .died(step: page.value, cause: name(signalNumber)) }
        switch (status >> 8) & 0xFF {
        case 0: return .passed
        case 1: return .failed(step: page.value)
        case let code: return .died(step: page.value, cause: "exit with code \(code)")
        }
    }

    private static func name(_ signalNumber: CInt) -> String {
        switch signalNumber {
        case SIGSEGV: "SIGSEGV"
        case SIGBUS: "SIGBUS"
        case SIGILL: "SIGILL: an instruction this CPU lacks"
        case SIGALRM: "SIGALRM: it took too long"
        default: "signal \(signalNumber)"
        }
    }

    /// One number that parent and child both see.
    @safe private struct SharedCounter: ~Copyable {
        private let base: UnsafeMutablePointer<Int>

        init() throws(SystemError) {
            let mapped = unsafe mmap(
                nil, MemoryLayout<Int>.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
            let code = errno
            guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
                throw SystemError(call: "mmap", errno: code)
            }
            unsafe base = mapped.bindMemory(to: Int.self, capacity: 1)
        }

        deinit { unsafe munmap(base, MemoryLayout<Int>.size) }

        var value: Int {
            get { unsafe base.pointee }
            nonmutating set { unsafe base.pointee = newValue }
        }
    }
}
