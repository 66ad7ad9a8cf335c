import Glibc
package import LinuxIO

/// Finds the pictures below a folder.
package enum ImageFolder {
    /// Deeper folders are not entered.
    static let depthLimit = 16
    /// More files than this are an error: somebody pointed at a whole disk.
    static let fileLimit = 1 << 20

    /// Paths of all .jpg and .jpeg files (any case), in byte order. Hidden files and folders are left out, symbolic links
    /// to folders are not followed, and subfolders that may not be read are skipped.
    /// - Throws: what `opendir` reports for the folder itself; EFBIG above 2^20 files.
    package static func jpegFiles(below folder: String) throws(SystemError) -> [String] {
        var files: [String] = []
        try collect(folder, depth: 0, into: &files)
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Names of the folder's direct subfolders, sorted, hidden ones left out.
    package static func subfolders(of folder: String) throws(SystemError) -> [String] {
        try entries(of: folder).filter { !$0.isFile }.map(\.name).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func collect(_ folder: String, depth: Int, into files: inout [String]) throws(SystemError) {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        for entry in try entries(of: folder) {
            let path = prefix + entry.name
            if !entry.isFile {
                if depth < depthLimit {
                    do throws(SystemError) { try collect(path, depth: depth + 1, into: &files) } catch {
                        if error.errno == EFBIG { throw error }
                    }
                }
            } else if isJPEG(entry.name) {
                files.append(path)
                if files.count > fileLimit { throw SystemError(call: "list", errno: EFBIG, path: folder) }
            }
        }
    }

    private static func isJPEG(_ name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasSuffix(".jpg") || lower.hasSuffix(".jpeg")
    }

    /// Names of everything directly in the folder, hidden names left out, in no order.
    static func names(in folder: String) throws(SystemError) -> [String] { try entries(of: folder).map(\.name) }

    private static func entries(of folder: String) throws(SystemError) -> [(name: String, isFile: Bool)] {
        guard let handle = unsafe opendir(folder) else {
            throw SystemError(call: "opendir", errno: errno, path: folder)
        }
        defer { unsafe closedir(handle) }
        var entries: [(name: String, isFile: Bool)] = []
        while let entry = unsafe readdir(handle) {
            let kind = unsafe entry.pointee.d_type
            let name = unsafe folderEntryName(entry)
            if name.hasPrefix(".") { continue }
            switch Int(kind) {
            case Int(DT_DIR): entries.append((name, false))
            case Int(DT_REG), Int(DT_LNK): entries.append((name, true))
            case Int(DT_UNKNOWN):
                // Some file systems do not say.
                let status = try? FileStatus(of: folder + "/" + name)
                entries.append((name, status?.kind != .directory))
            default: break
            }
        }
        return entries
    }
}
