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
        return try status(of: process)
    }

    /// What a command of the shell prints on its standard output; its other streams lead nowhere.
    /// - Throws: what the kernel reports when it cannot be started; EFBIG for more than a mebibyte.
    package static func output(shell command: String, environment: [String: String]) throws(SystemError) -> String {
        let file = Descriptor(owning: try retrying("memfd_create") { unsafe tsr_memory_file("tarsier-output") })
        let nothing = try Descriptor(opening: "/dev/null", flags: O_RDWR)
        let process = try unsafe spawn(
            ["/bin/sh", "-c", command], environment.map { "\($0.key)=\($0.value)" }, standardInput: nothing.raw,
            standardOutput: file.raw, standardError: nothing.raw)
        _ = try status(of: process)
        return String(decoding: try SmallFile.bytes(at: "/proc/self/fd/\(file.raw)", limit: 1 << 20), as: UTF8.self)
    }

    private static func status(of process: pid_t) throws(SystemError) -> Int32 {
        var status: Int32 = 0
        _ = try retrying("waitpid") { unsafe waitpid(process, &status, 0) }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    @unsafe private static func spawn(
        _ arguments: [String], _ environment: [String], standardInput: CInt, standardOutput: CInt? = nil,
        standardError: CInt? = nil
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
        if let standardOutput { unsafe posix_spawn_file_actions_adddup2(&actions, standardOutput, 1) }
        if let standardError { unsafe posix_spawn_file_actions_adddup2(&actions, standardError, 2) }
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
