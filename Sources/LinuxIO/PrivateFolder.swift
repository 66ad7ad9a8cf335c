import Glibc

/// A folder of what is nobody else's business.
package enum PrivateFolder {
    /// Makes a folder, and those above it that are not there, for their owner alone. What is there stays as it is.
    /// - Throws: what `mkdir` reports; ENOTDIR where something else has the name.
    package static func make(_ path: String) throws(SystemError) {
        do throws(SystemError) { try makeOne(path) } catch {
            guard error.errno == ENOENT, let above = above(path) else { throw error }
            try make(above)
            try makeOne(path)
        }
    }

    private static func makeOne(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            _ = try retrying("mkdir", path: path) { unsafe mkdir(path, 0o700) }
        } catch {
            guard error.errno == EEXIST else { throw error }
            guard try FileStatus(of: path).kind == .directory else {
                throw SystemError(call: "mkdir", errno: ENOTDIR, path: path)
            }
        }
    }

    /// The path of the folder that this one lies in; nil where there is none to make.
    private static func above(_ path: String) -> String? {
        let name = path.reversed().drop { $0 == "/" }
        guard let slash = name.firstIndex(of: "/") else { return nil }
        let rest = name[slash...].drop { $0 == "/" }
        return rest.isEmpty ? nil : String(rest.reversed())
    }
}
