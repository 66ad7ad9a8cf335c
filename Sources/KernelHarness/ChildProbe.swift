import Glibc
import LinuxIO

/// Runs numbered steps in a child process, so that one that dies, at a guard page or of an instruction the CPU lacks, is
/// reported and takes nothing with it.
///
/// The child is a fork of the calling thread alone. What its steps call must have run in the parent before (so that the
/// runtime's caches are filled: another thread may have held their locks at the fork), and an alarm ends a child that hangs.
enum ChildProbe {
    enum Outcome: Hashable, Sendable {
        case passed
        /// What the step found.
        case failed(step: Int, finding: String)
        /// A signal, or an exit that no step asked for, during the step.
        case died(step: Int, cause: String)
    }

    private static let findingExitCode: CInt = 77

    /// - Parameter step: returns what it found wrong, nil for nothing; the first finding ends the child.
    static func run(steps: Int, limitSeconds: UInt32 = 120, _ step: (Int) -> String?) throws(SystemError) -> Outcome {
        let shared = try SharedPages()
        let child = fork()
        let code = errno
        guard child >= 0 else { throw SystemError(call: "fork", errno: code) }
        if child == 0 {
            for number in [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP] { signal(number, SIG_DFL) }
            var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
            _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
            alarm(limitSeconds)
            for index in 0..<steps {
                shared.step = index
                if let finding = step(index) {
                    shared.text = finding
                    _exit(findingExitCode)
                }
            }
            _exit(0)
        }
        var status: CInt = 0
        let waited = try retrying("waitpid") { unsafe waitpid(child, &status, 0) }
        precondition(waited == child)
        let signalNumber = status & 0x7F
        if signalNumber != 0 { return .died(step: shared.step, cause: name(signalNumber)) }
        switch (status >> 8) & 0xFF {
        case 0: return .passed
        case findingExitCode: return .failed(step: shared.step, finding: shared.text)
        case let code: return .died(step: shared.step, cause: "exit with code \(code)")
        }
    }

    private static func name(_ signalNumber: CInt) -> String {
        switch signalNumber {
        case SIGSEGV: "SIGSEGV"
        case SIGBUS: "SIGBUS"
        case SIGILL: "SIGILL, an instruction this CPU lacks"
        case SIGALRM: "SIGALRM, it took too long"
        default: "signal \(signalNumber)"
        }
    }

    /// A number and a text that parent and child both see.
    @safe private struct SharedPages: ~Copyable {
        private let base: UnsafeMutableRawPointer
        private static let byteCount = 16 * 1024
        private static let textOffset = 16  // behind the step and the text's length
        private static let textLimit = byteCount - textOffset

        init() throws(SystemError) {
            let mapped = unsafe mmap(
                nil, SharedPages.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
            let code = errno
            guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
                throw SystemError(call: "mmap", errno: code)
            }
            unsafe base = mapped
        }

        deinit { unsafe munmap(base, SharedPages.byteCount) }

        var step: Int {
            get { unsafe base.load(as: Int.self) }
            nonmutating set { unsafe base.storeBytes(of: newValue, as: Int.self) }
        }

        /// Cut where the pages end.
        var text: String {
            get {
                let count = min(unsafe base.load(fromByteOffset: 8, as: Int.self), SharedPages.textLimit)
                let bytes = unsafe UnsafeRawBufferPointer(start: base + SharedPages.textOffset, count: max(0, count))
                return unsafe String(decoding: bytes, as: UTF8.self)
            }
            nonmutating set {
                let bytes = Array(newValue.utf8.prefix(SharedPages.textLimit))
                unsafe base.storeBytes(of: bytes.count, toByteOffset: 8, as: Int.self)
                unsafe bytes.withUnsafeBytes { source in
                    if let start = source.baseAddress {
                        unsafe memcpy(base + SharedPages.textOffset, start, source.count)
                    }
                }
            }
        }
    }
}
