import Glibc
import Synchronization
import Testing

@testable import LinuxIO

@Suite struct FileTests {
    @Test func `a call interrupted by a signal is made again`() throws {
        var calls = 0
        let result: Int = try retrying("read") {
            calls += 1
            if calls < 3 {
                errno = EINTR
                return -1
            }
            return 7
        }
        #expect(result == 7)
        #expect(calls == 3)
    }

    @Test func `a failed call is not made again and names call, cause and file`() {
        var calls = 0
        let error = #expect(throws: SystemError.self) {
            _ = try retrying("open", path: "/x/y") {
                calls += 1
                errno = ENOENT
                return Int32(-1)
            }
        }
        #expect(calls == 1)
        #expect(error?.description == "/x/y: open: No such file or directory")
    }

    @Test func `written bytes are read back`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        do {
            let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT)
            try unsafe file.writeAll(bytes.span.bytes)
            try file.close()
        }
        #expect(try contents(of: path) == bytes)
        #expect(try FileStatus(of: path).size == bytes.count)
    }

    @Test func `writing to a pipe continues after short writes`() throws {
        var ends: [CInt] = [0, 0]
        _ = try retrying("pipe") { unsafe pipe(&ends) }
        let (source, sink) = (ends[0], ends[1])
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }  // a pipe holds 64 KiB
        let writer = try NamedThread(name: "writer") {
            let file = Descriptor(owning: sink)
            _ = try? unsafe file.writeAll(bytes.span.bytes)
        }
        let reader = Descriptor(owning: source)
        var got: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 8192)
        while true {
            var span = block.mutableSpan
            let count = try reader.read(into: &span)
            if count == 0 { break }
            got.append(contentsOf: block[..<count])
        }
        writer.join()
        #expect(got == bytes)
    }

    @Test func `a dropped descriptor is closed`() throws {
        let raw: CInt
        do {
            let file = try Descriptor(opening: "/dev/null")
            raw = file.raw
            #expect(fcntl(raw, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
        }
        // Another test may have been given the number since, but then for something other than /dev/null.
        var status = stat()
        var null = stat()
        _ = unsafe stat("/dev/null", &null)
        let isOpen = unsafe fstat(raw, &status) == 0
        #expect(!isOpen || status.st_rdev != null.st_rdev)
    }

    @Test func `a file read whole shows its bytes, an empty one none`() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([1, 2, 3], to: folder.path + "/three")
        try AtomicFile.write([UInt8](), to: folder.path + "/none")
        #expect(try wholeBytes(of: folder.path + "/three") == [1, 2, 3])
        #expect(try wholeBytes(of: folder.path + "/none") == [])
    }

    private func wholeBytes(of path: String) throws -> [UInt8] {
        let file = try WholeFile(path: path)
        let bytes = file.bytes
        return (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
    }

    @Test(arguments: [("/tmp", EISDIR), ("/dev/null", EINVAL), ("/nowhere/at/all", ENOENT)])
    func `only regular files are read whole`(path: String, code: CInt) {
        let error = #expect(throws: SystemError.self) { _ = try wholeBytes(of: path) }
        #expect(error?.errno == code)
        #expect(error?.path == path)
    }

    @Test func `a file that is cut short or grows while it is read is an error, never a crash`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/model"
        let (small, large) = (100_000, 300_000)
        try AtomicFile.write([UInt8](repeating: 7, count: large), to: path)
        let stop = Flag()
        let writer = try NamedThread(name: "writer") { [path] in
            var size = small
            while !stop.isRaised {
                _ = unsafe truncate(path, size)
                size = small + large - size
            }
        }
        defer {
            stop.raise()
            writer.join()
        }
        var (whole, stale) = (0, 0)
        let deadlineNs = MonotonicClock.now() + 30_000_000_000
        while (whole < 1000 || stale < 10) && MonotonicClock.now() < deadlineNs {
            do throws(SystemError) {
                let file = try WholeFile(path: path)
                #expect(file.count == small || file.count == large)
                // Every byte is touched while the file is cut short under it: a mapping would end the process here.
                let bytes = file.bytes
                var sum = 0
                for place in 0..<bytes.byteCount {
                    sum += Int(unsafe bytes.unsafeLoad(fromByteOffset: place, as: UInt8.self))
                }
                #expect(sum >= 7 * small && sum <= 7 * large)
                whole += 1
            } catch {
                #expect(error.errno == ESTALE)
                stale += 1
            }
        }
        #expect(whole >= 1000 && stale >= 10, "\(whole) read whole, \(stale) refused")
    }

    @Test func `a file that has been read is mapped nowhere`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/model"
        try AtomicFile.write([UInt8](repeating: 7, count: 300_000), to: path)
        let file = try WholeFile(path: path)
        let maps = String(decoding: try SmallFile.bytes(at: "/proc/self/maps", limit: 1 << 24), as: UTF8.self)
        #expect(maps.contains("[stack]") && !maps.contains(path))
        #expect(file.count == 300_000)
    }

    @Test func `a file above the limit is refused`() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([UInt8](repeating: 1, count: 1001), to: folder.path + "/big")
        let error = #expect(throws: SystemError.self) { _ = try WholeFile(path: folder.path + "/big", limit: 1000) }
        #expect(error?.errno == EFBIG)
        #expect(throws: SystemError.self) { _ = try SmallFile.bytes(at: folder.path + "/big", limit: 1000) }
        #expect(try SmallFile.bytes(at: folder.path + "/big", limit: 1001).count == 1001)
    }

    @Test func `a file is replaced in one step and leaves nothing beside it`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try AtomicFile.write([1, 2, 3], to: path)
        try AtomicFile.write([4, 5], to: path)
        #expect(try contents(of: path) == [4, 5])
        #expect(folder.names() == ["file"])
    }

    @Test func `a replacement that fails keeps the old file and removes its own`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/taken"
        _ = try retrying("mkdir") { unsafe mkdir(path, 0o755) }  // a folder cannot be renamed over
        defer { _ = unsafe rmdir(path) }
        let error = #expect(throws: SystemError.self) { try AtomicFile.write([1], to: path) }
        #expect(error?.path == path)
        #expect(folder.names() == ["taken"])
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: folder.path + "/no/such/folder/file") }
    }

    @Test(arguments: ["one", "one/two/three", "one//two/", "one/../two/"])
    func `a private folder is made with those above it, for its owner alone`(name: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/" + name
        defer { for name in ["one/two/three", "one/two", "one", "two"] { _ = unsafe rmdir("\(folder.path)/\(name)") } }
        try PrivateFolder.make(path)
        #expect(try FileStatus(of: path).permissions == 0o700)
        #expect(try FileStatus(of: folder.path + "/one").permissions == 0o700)
        _ = try retrying("chmod") { unsafe chmod(path, 0o755) }
        try PrivateFolder.make(path)
        #expect(try FileStatus(of: path).permissions == 0o755, "what is there stays as it is")
    }

    @Test func `a private folder is not made of a file, of nothing, or below a file`() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([1], to: folder.path + "/file")
        for (path, code) in [(folder.path + "/file", ENOTDIR), (folder.path + "/file/x", ENOTDIR), ("", ENOENT)] {
            let error = #expect(throws: SystemError.self) { try PrivateFolder.make(path) }
            #expect(error?.errno == code, "\(path)")
        }
    }

    @Test func `what a killed writer left goes with the next write, of any name; what is being written stays`() throws {
        let folder = try TemporaryFolder()
        for name in [".tarsier-1-1.tmp", ".tarsier-99999999-2.tmp", ".other", "model.2024-01.tmp"] {
            _ = try Descriptor(opening: folder.path + "/" + name, flags: O_WRONLY | O_CREAT)
        }
        // A writer at work, though no process here has its number: it may be another container's.
        let live = try Descriptor(opening: folder.path + "/.tarsier-99999999-3.tmp", flags: O_WRONLY | O_CREAT)
        #expect(try live.lock())
        try AtomicFile.write([1], to: folder.path + "/.hidden")
        #expect(folder.names() == [".hidden", ".other", ".tarsier-99999999-3.tmp", "model.2024-01.tmp"])
        #expect(try contents(of: folder.path + "/.hidden") == [1])
    }

    @Test func `a folder is searched for leftovers once, however many files are written to it`() throws {
        let folder = try TemporaryFolder()
        try AtomicFile.write([1], to: folder.path + "/one")
        let late = folder.path + "/.tarsier-99999999-1.tmp"
        _ = try Descriptor(opening: late, flags: O_WRONLY | O_CREAT)
        try AtomicFile.write([2], to: folder.path + "/two")
        #expect(folder.names() == [".tarsier-99999999-1.tmp", "one", "two"], "the next process removes it")
    }

    @Test func `a temporary file is locked until it has its name, and goes when it gets none`() throws {
        let folder = try TemporaryFolder()
        do {
            let temporary = try TemporaryFile(in: folder.path, mode: 0o644)
            TemporaryFile.removeLeftovers(in: folder.path)
            #expect(try FileStatus(of: temporary.path).links == 1)
            #expect(try Descriptor(opening: temporary.path).lock() == false)
        }
        #expect(folder.names() == [])
    }

    /// Where the tests are root for sure (`TARSIER_REQUIRE_ROOT`, set in CI) it runs, and fails for anybody else.
    private static let isToBeRoot = unsafe geteuid() == 0 || getenv("TARSIER_REQUIRE_ROOT") != nil

    @Test(.enabled(if: isToBeRoot, "skipped: only root can become another user"))
    func `a folder that cannot be opened is an error before anything is replaced`() async {
        // Root may read any folder, so another user tries, in a process of its own.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = folder.path + "/file"
            try AtomicFile.write([1, 2, 3], to: path)
            precondition(unsafe chmod(path, 0o666) == 0 && chmod(folder.path, 0o333) == 0 && seteuid(65534) == 0)
            let error = #expect(throws: SystemError.self) { try AtomicFile.write([4], to: path) }
            precondition(seteuid(0) == 0)
            let isWhole = (try? contents(of: path)) == [1, 2, 3] && folder.names() == ["file"]
            exit(error?.errno == EACCES && error?.remark == nil && isWhole ? 0 : 3)
        }
    }

    @Test func `a device or a pipe takes the bytes and stays what it is, a socket takes none`() throws {
        let folder = try TemporaryFolder()
        // A link to the device, so that a mistake costs the link.
        let device = folder.path + "/null"
        _ = try retrying("symlink") { unsafe symlink("/dev/null", device) }
        try AtomicFile.write([1, 2, 3], to: device)
        #expect(
            try FileStatus(of: device).kind == .characterDevice && FileStatus(of: "/dev/null").kind == .characterDevice)
        #expect(FileIdentity(at: device)?.kind == .other, "still a link")
        let pipe = folder.path + "/pipe"
        _ = try retrying("mkfifo") { unsafe mkfifo(pipe, 0o600) }
        let reader = try Descriptor(opening: pipe, flags: O_RDONLY | O_NONBLOCK)
        try AtomicFile.write([4, 5], to: pipe)
        var bytes = [UInt8](repeating: 0, count: 8)
        var span = bytes.mutableSpan
        #expect(try reader.read(into: &span) == 2)
        #expect(bytes[..<2] == [4, 5])
        let socket = folder.path + "/socket"
        _ = try UnixSocket.listen(on: socket, mode: 0o600, backlog: 1)
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: socket) }
        #expect(FileIdentity(at: socket)?.kind == .socket)
    }

    @Test func `a full disk keeps the old file and removes the temporary one`() async {
        // RLIMIT_FSIZE stands for the full disk; it is the process's own, so this runs in a child process.
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let path = folder.path + "/file"
            try AtomicFile.write([1, 2, 3], to: path)
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            do throws(SystemError) {
                try AtomicFile.write([UInt8](repeating: 9, count: 5000), to: path)
                exit(2)
            } catch {
                let isWhole = (try? contents(of: path)) == [1, 2, 3] && folder.names() == ["file"]
                exit(error.errno == EFBIG && isWhole ? 0 : 3)
            }
        }
    }
}

/// Raised once, seen by another thread.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isRaised: Bool { value.load(ordering: .relaxed) }
    func raise() { value.store(true, ordering: .relaxed) }
}
