internal import LinuxIO

/// The tree that sensors are read from: the machine's own, or in a test a folder with `sys` and `proc` in it or files that
/// exist in memory alone.
///
/// A file that is absent, unreadable, longer than expected or not what it should be is nil: sensors differ from machine to
/// machine, and none of them may stop the daemon.
package struct SensorRoot: Hashable, Sendable {
    private let path: String
    /// Nil where `path` leads to real files.
    private let memory: SensorFiles?

    /// - Parameter path: what stands before `/sys` and `/proc`; empty for the machine's own.
    package init(_ path: String = "") { (self.path, memory) = (path, nil) }

    package init(_ files: SensorFiles) { (path, memory) = ("", files) }

    /// Content without the white space around it.
    func text(_ file: String, limit: Int = 4096) -> String? {
        guard let bytes = bytes(file, limit: limit) else { return nil }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == 0 }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return nil }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    func integer(_ file: String) -> Int? { text(file).flatMap { Int($0) } }

    /// Names in a folder that begin with `prefix`; those with a number behind it in the order of the numbers.
    func names(in folder: String, prefix: String = "") -> [String] {
        let names = list(folder).filter { $0.hasPrefix(prefix) }
        return names.enumerated().sorted { one, other in
            let numbers = (Int(one.element.dropFirst(prefix.count)), Int(other.element.dropFirst(prefix.count)))
            if let first = numbers.0, let second = numbers.1 { return first < second }
            return one.offset < other.offset
        }.map(\.element)
    }

    func exists(_ file: String) -> Bool {
        guard let memory else { return (try? FileStatus(of: path + file)) != nil }
        return memory.bytes(file) != nil || memory.folders[file] != nil
    }

    private func bytes(_ file: String, limit: Int) -> [UInt8]? {
        guard let memory else { return try? SmallFile.bytes(at: path + file, limit: limit) }
        return memory.bytes(file).flatMap { $0.count <= limit ? $0 : nil }
    }

    /// Names in a folder, in byte order; none where there is no such folder.
    private func list(_ folder: String) -> [String] {
        guard let memory else { return (try? FolderNames.list(path + folder)) ?? [] }
        return memory.folders[folder] ?? []
    }
}

/// Lists of CPUs as the kernel writes them: `0-3,8`.
enum CPUList {
    /// nil when the text is no such list, or names CPUs beyond any Linux.
    static func parse(_ text: String) -> [Int]? {
        var cpus: [Int] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, 0 <= first,
                first <= last, last < 1 << 16, cpus.count < 1 << 16
            else { return nil }
            cpus.append(contentsOf: first...last)
        }
        return cpus
    }
}
