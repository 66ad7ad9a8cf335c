import CLinux
import Glibc

/// Runs other programs.
package enum ChildProcess {
    /// Runs a command of the shell and waits for its end.
    /// - Parameters:
    ///   - command: for `/bin/sh -c`.
    ///   - environment: the whole of it.
    ///   - input: what the command finds on its standard input. It lies in memory, so that a command that does not read it
    ///     costs nothing and breaks nothing.
    /// - Returns: its exit status, or 128 and the signal that ended it.
    /// - Throws: what the kernel reports when it cannot be started.
    package static func run(
        shell command: String, environment: [String: String], input: [UInt8]
    ) throws(SystemError) -> Int32 {
        let file = Descriptor(owning: try retrying("memfd_create") { unsafe tsr_memory_file("tarsier-event") })
        try unsafe file.writeAll(input.span.bytes)
        let fd = file.raw
        _ = try retrying("lseek") { lseek(fd, 0, SEEK_SET) }
        let process = try unsafe spawn(
            ["/bin/sh", "-c", command], environment.map { "\($0.key)=\($0.value)" }, standardInput: fd)
        var status: Int32 = 0
        _ = try retrying("waitpid") { unsafe waitpid(process, &status, 0) }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    @unsafe private static func spawn(
        _ arguments: [String], _ environment: [String], standardInput: CInt
    ) throws(SystemError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        // The child is to find signals as a shell would leave them: ours may ignore SIGPIPE, and the thread that this runs
        // on may block the signals that are to end the child.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &blocked)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (argv + envp).forEach { unsafe free($0) } }
        var process = pid_t()
        let code = unsafe posix_spawn(&process, arguments[0], &actions, &attributes, &argv, &envp)
        guard code == 0 else { throw SystemError(call: "posix_spawn", errno: code, path: arguments[0]) }
        return process
    }
}
