import Glibc
import Testing

@testable import LinuxIO

/// A folder for one test, removed with everything directly in it when the last reference goes.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "/tmp/tarsier-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        _ = try retrying("mkdir", path: path) { unsafe mkdir(path, 0o755) }
    }

    deinit {
        for name in names() { _ = unsafe unlink("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }

    /// Names in the folder, sorted.
    func names() -> [String] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe folderEntryName(entry)
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}

func contents(of path: String) throws -> [UInt8] { try SmallFile.bytes(at: path, limit: 1 << 24) }
