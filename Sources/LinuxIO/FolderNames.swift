import Glibc

/// What lies in a folder.
package enum FolderNames {
    /// Names of everything directly in `path` in byte order; hidden ones, which begin with a dot, only `withHidden`.
    /// - Throws: what `opendir` reports.
    package static func list(_ path: String, withHidden: Bool = false) throws(SystemError) -> [String] {
        guard let handle = unsafe opendir(path) else {
            throw SystemError(call: "opendir", errno: errno, path: path)
        }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while let entry = unsafe readdir(handle) {
            let name = unsafe folderEntryName(entry)
            if name != "." && name != ".." && (withHidden || !name.hasPrefix(".")) { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
