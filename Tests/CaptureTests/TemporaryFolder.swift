import Glibc
import LinuxIO

/// A folder for one test, removed with all that is in it when the last reference goes.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "/tmp/tarsier-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        _ = try retrying("mkdir", path: path) { unsafe mkdir(path, 0o755) }
    }

    deinit { TemporaryFolder.remove(path) }

    /// Makes a subfolder, parents included.
    func folder(_ name: String) throws {
        var path = path
        for part in name.split(separator: "/") {
            path += "/" + part
            if unsafe access(path, F_OK) != 0 { _ = try retrying("mkdir", path: path) { unsafe mkdir(path, 0o755) } }
        }
    }

    func write(_ bytes: [UInt8], to name: String) throws { try AtomicFile.write(bytes, to: path + "/" + name) }

    func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

    func link(_ name: String, to target: String) throws {
        let path = path + "/" + name
        _ = try retrying("symlink", path: path) { unsafe symlink(target, path) }
    }

    private static func remove(_ path: String) {
        if unsafe unlink(path) == 0 { return }
        if let folder = unsafe opendir(path) {
            var names: [String] = []
            while let entry = unsafe readdir(folder) {
                let name = unsafe folderEntryName(entry)
                if name != "." && name != ".." { names.append(name) }
            }
            unsafe closedir(folder)
            for name in names { remove(path + "/" + name) }
        }
        _ = unsafe rmdir(path)
    }
}
