internal import Synchronization

/// Files of /sys and /proc that exist in memory alone; their content may change while it is read, as the kernel's does.
package final class SensorFiles: Sendable, Hashable {
    /// Names in each folder, in byte order.
    let folders: [String: [String]]
    private let files: Mutex<[String: [UInt8]]>

    /// - Parameter files: content by path from `/sys` or `/proc` on, such as `/proc/stat`; folders are those the paths name.
    package init(_ files: [String: [UInt8]]) {
        var folders: [String: Set<String>] = [:]
        for file in files.keys {
            var folder = ""
            for part in file.split(separator: "/") {
                folders[folder, default: []].insert(String(part))
                folder += "/\(part)"
            }
        }
        self.folders = folders.mapValues { $0.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
        self.files = Mutex(files)
    }

    /// Replaces what the files hold. No other paths than at the beginning.
    package func replace(_ contents: [String: [UInt8]]) {
        files.withLock { files in
            for (file, bytes) in contents {
                precondition(files[file] != nil, "there is no \(file) in memory")
                files[file] = bytes
            }
        }
    }

    func bytes(_ file: String) -> [UInt8]? { files.withLock { $0[file] } }

    package static func == (one: SensorFiles, other: SensorFiles) -> Bool { one === other }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
