import Glibc
import LinuxIO

/// Who has a device open.
enum DeviceHolder {
    /// A process.
    struct Process: Hashable {
        let id: Int
        let name: String
    }

    /// Other processes with the file open, as far as we may look into them. /proc is read, so this is for errors only.
    static func processes(holding path: String, proc: String = "/proc") -> [Process] {
        let target = resolved(path)
        let own = Int(getpid())
        let names = (try? ImageFolder.names(in: proc)) ?? []
        return names.compactMap { Int($0) }.filter { $0 != own }.sorted().compactMap { id in
            let folder = "\(proc)/\(id)/fd"
            let files = (try? ImageFolder.names(in: folder)) ?? []
            guard files.contains(where: { linkTarget("\(folder)/\($0)") == target }) else { return nil }
            let name = (try? SmallFile.text(at: "\(proc)/\(id)/comm"))?.split(whereSeparator: \.isNewline).first
            return Process(id: id, name: name.map(String.init) ?? "?")
        }
    }

    /// Who it is, and what to do.
    static func text(_ path: String, proc: String = "/proc") -> String {
        let holders = processes(holding: path, proc: proc)
        guard !holders.isEmpty else {
            return "another user's program has the camera; find it with: sudo fuser -v \(path)"
        }
        let list = holders.map { "\($0.name) (process \($0.id))" }.joined(separator: ", ")
        return "\(list) has the camera; stop it: kill \(holders.map { "\($0.id)" }.joined(separator: " "))"
    }

    private static func resolved(_ path: String) -> String {
        guard let full = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(full) }
        return unsafe String(cString: full)
    }

    private static func linkTarget(_ path: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 256)
        let count = unsafe readlink(path, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
}

/// What makes a device accessible to this user.
enum PermissionAdvice {
    static func text(_ path: String) -> String {
        let user = userName()
        if geteuid() == 0 {
            return "the service's device policy forbids \(path); add to the unit: DeviceAllow=char-81 rw"
        }
        guard let group = groupName(of: path), group != "root" else {
            return "\(path) belongs to root alone; run: sudo chgrp video \(path) && sudo chmod 660 \(path)"
        }
        return "\(path) belongs to the group \(group); run: sudo usermod -aG \(group) \(user), then log in again"
    }

    private static func userName() -> String {
        guard let entry = unsafe getpwuid(geteuid()), let name = unsafe entry.pointee.pw_name else {
            return "\(geteuid())"
        }
        return unsafe String(cString: name)
    }

    private static func groupName(of path: String) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0, let entry = unsafe getgrgid(status.st_gid),
            let name = unsafe entry.pointee.gr_name
        else { return nil }
        return unsafe String(cString: name)
    }
}
