/// How much memory there is left: whoever takes more is killed, or gets the machine's other programs killed.
package enum MemoryRoom {
    /// Bytes that this process may still take before its control group (version 2; a service's `MemoryMax=`), one above it, or
    /// the machine runs out; what the kernel keeps of files counts as free. nil where nothing of it can be read.
    /// - Parameter root: where /proc and /sys are, for tests.
    package static func bytes(root: String = "") -> Int? {
        var rooms: [Int] = []
        if let available = value("MemAvailable:", in: root + "/proc/meminfo") { rooms.append(available * 1024) }
        for folder in groups(root) {
            guard let limit = number(folder + "/memory.max"), let used = number(folder + "/memory.current") else {
                continue
            }
            let statistics = folder + "/memory.stat"
            let files = ["inactive_file", "active_file"].reduce(0) { $0 + (value($1, in: statistics) ?? 0) }
            rooms.append(max(0, limit - max(0, used - files)))
        }
        return rooms.min()
    }

    /// What to say where there is no room for so many bytes; nil where there is, or where nobody can tell.
    package static func shortage(of bytes: Int, root: String = "") -> String? {
        guard let room = self.bytes(root: root), bytes > room else { return nil }
        return "needs \(bytes >> 20) MiB of memory, and \(room >> 20) MiB are left here (of a service: MemoryMax=)"
    }

    /// The folders of our control group and of those above it.
    private static func groups(_ root: String) -> [String] {
        let lines = (try? SmallFile.text(at: root + "/proc/self/cgroup"))?.split(separator: "\n") ?? []
        guard let line = lines.first(where: { $0.hasPrefix("0::/") }) else { return [] }
        var parts = line.dropFirst(4).split(separator: "/")
        guard !parts.contains("..") else { return [] }
        var folders: [String] = []
        while !parts.isEmpty {
            folders.append(root + "/sys/fs/cgroup/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return folders
    }

    private static func number(_ path: String) -> Int? {
        (try? SmallFile.text(at: path)).flatMap { Int($0.filter { !$0.isWhitespace }) }
    }

    /// The number behind a name that begins a line.
    private static func value(_ name: String, in path: String) -> Int? {
        for line in ((try? SmallFile.text(at: path)) ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count >= 2, fields[0] == name { return Int(fields[1]) }
        }
        return nil
    }
}
