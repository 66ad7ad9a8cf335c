import Testing

@testable import LinuxIO

/// A machine made of files: 1,000 KiB are available.
@Suite struct MemoryRoomTests {
    private func room(_ files: [String: String], of bytes: Int = 0) throws -> (bytes: Int?, shortage: String?) {
        try withFiles(files) { (MemoryRoom.bytes(root: $0), MemoryRoom.shortage(of: bytes, root: $0)) }
    }

    private let machine = ["/proc/meminfo": "MemTotal:  9000 kB\nMemFree:  10 kB\nMemAvailable:    1000 kB\n"]
    private let group = "/sys/fs/cgroup/system.slice/tarsier.service"

    @Test func `without groups it is what the machine has available`() throws {
        #expect(try room(machine).bytes == 1_024_000)
        #expect(try room([:]).bytes == nil)
        #expect(try room([:], of: 1 << 40).shortage == nil)
    }

    @Test func `a group's limit counts, and what it keeps of files is free`() throws {
        var files = machine
        files["/proc/self/cgroup"] = "0::/system.slice/tarsier.service\n"
        files[group + "/memory.max"] = "500000\n"
        files[group + "/memory.current"] = "450000\n"
        #expect(try room(files).bytes == 50_000)
        files[group + "/memory.stat"] = "anon 3\nfile 9\ninactive_file 100000\nactive_file 20000\n"
        #expect(try room(files).bytes == 170_000)
        files[group + "/memory.max"] = "max\n"
        #expect(try room(files).bytes == 1_024_000)
        files["/sys/fs/cgroup/system.slice/memory.max"] = "70000\n"
        files["/sys/fs/cgroup/system.slice/memory.current"] = "80000\n"
        #expect(try room(files).bytes == 0, "a group above is full")
    }

    @Test func `who asks for more than there is is told both figures`() throws {
        #expect(try room(machine, of: 1_024_000).shortage == nil)
        let shortage = try #require(try room(["/proc/meminfo": "MemAvailable: 4096 kB\n"], of: 5 << 20).shortage)
        #expect(shortage.contains("5 MiB") && shortage.contains("4 MiB"))
    }

    @Test func `this machine can tell`() throws {
        let bytes = try #require(MemoryRoom.bytes())
        #expect(bytes > 1 << 20)
    }
}
