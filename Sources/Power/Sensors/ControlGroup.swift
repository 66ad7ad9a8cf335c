/// The daemon's own control group, of version 2 or of the `cpu` controller of version 1: how much CPU it may use, and
/// whether its threads had to wait for one.
struct ControlGroup {
    private let root: SensorRoot
    /// From the group itself up to the root, files `cpu.max` (version 2).
    private let limits: [String]
    /// The same for version 1: `cpu.cfs_quota_us` and `cpu.cfs_period_us`.
    private let oldLimits: [String]
    /// `cpu.pressure` of the group; the topmost group has none.
    private let pressureFile: String?

    init(_ root: SensorRoot) {
        self.root = root
        var (path, oldPath): (String?, String?)
        for line in (root.text("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2].hasPrefix("/"), !fields[2].contains("..") else { continue }
            if fields[0] == "0" && fields[1].isEmpty { path = String(fields[2]) }
            if fields[1].split(separator: ",").contains("cpu") { oldPath = String(fields[2]) }
        }
        let mount = root.exists("/sys/fs/cgroup/cgroup.controllers") ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified"
        let folders = path.map { ControlGroup.chain(mount, $0) } ?? []
        limits = folders.map { "\($0)/cpu.max" }.filter(root.exists)
        pressureFile = folders.first.map { "\($0)/cpu.pressure" }.flatMap { root.exists($0) ? $0 : nil }
        let oldMount = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"].first { root.exists($0) }
        if let oldMount, let oldPath {
            oldLimits = ControlGroup.chain(oldMount, oldPath).filter { root.exists("\($0)/cpu.cfs_quota_us") }
        } else {
            oldLimits = []
        }
    }

    /// The group's folder and those above it, up to the mount.
    private static func chain(_ mount: String, _ path: String) -> [String] {
        var parts = path.split(separator: "/").map(String.init)
        var folders: [String] = []
        while true {
            folders.append(([mount] + parts).joined(separator: "/"))
            if parts.isEmpty { return folders }
            parts.removeLast()
        }
    }

    /// The fewest CPUs that a group on the way up allows, such as 0.5; nil without a limit.
    func quota() -> Double? {
        var quotas: [Double] = []
        for file in limits {
            let fields = (root.text(file) ?? "").split(separator: " ").map { Double($0) }
            if fields.count == 2, let limit = fields[0], let period = fields[1] { quotas.append(limit / period) }
        }
        for folder in oldLimits {
            if let limit = root.integer("\(folder)/cpu.cfs_quota_us"), limit > 0,
                let period = root.integer("\(folder)/cpu.cfs_period_us")
            {
                quotas.append(Double(limit) / Double(period))
            }
        }
        return quotas.filter { $0.isFinite && $0 > 0 }.min()
    }

    /// Microseconds that some thread of the group waited for a CPU, counted since the group's beginning.
    func stalledMicroseconds() -> UInt64? { pressureFile.flatMap { PressureFile.total(root.text($0)) } }
}

/// A file of pressure stall information: `some avg10=1.53 avg60=0.87 avg300=0.30 total=10325`.
enum PressureFile {
    /// The counter of the `some` line, in microseconds.
    static func total(_ text: String?) -> UInt64? {
        guard let line = text?.split(separator: "\n").first(where: { $0.hasPrefix("some ") }) else { return nil }
        return line.split(separator: " ").first { $0.hasPrefix("total=") }.flatMap { UInt64($0.dropFirst(6)) }
    }
}
