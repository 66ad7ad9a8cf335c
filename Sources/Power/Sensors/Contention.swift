/// How long threads waited for a CPU: counters in microseconds that only grow, from the best source there is.
struct ContentionCounter {
    /// Where it comes from; the first that is there is used.
    enum Source: Hashable {
        /// Pressure of the daemon's own control group.
        case group
        /// The scheduler's count of the daemon's own threads: needs no control group of version 2 and no `psi=1`.
        case threads
        /// Pressure of the whole machine: tells also of others that wait for each other.
        case machine
    }

    private let root: SensorRoot
    private let group: ControlGroup
    let source: Source?

    init(_ root: SensorRoot, _ group: ControlGroup) {
        self.root = root
        self.group = group
        if group.stalledMicroseconds() != nil {
            source = .group
        } else if ContentionCounter.threads(root) != nil {
            source = .threads
        } else {
            source = PressureFile.total(root.text("/proc/pressure/cpu")) == nil ? nil : .machine
        }
    }

    func read() -> UInt64? {
        switch source {
        case .group: group.stalledMicroseconds()
        case .threads: ContentionCounter.threads(root)
        case .machine: PressureFile.total(root.text("/proc/pressure/cpu"))
        case nil: nil
        }
    }

    /// Sum over the threads of what `/proc/self/task/*/schedstat` gives second: nanoseconds on a run queue.
    private static func threads(_ root: SensorRoot) -> UInt64? {
        var sum: UInt64?
        for task in root.names(in: "/proc/self/task") {
            let fields = (root.text("/proc/self/task/\(task)/schedstat") ?? "").split(separator: " ")
            guard fields.count == 3, let waited = UInt64(fields[1]) else { continue }
            sum = (sum ?? 0) &+ waited / 1000
        }
        return sum
    }
}

/// How much of the allowed CPUs lies idle: counters in clock ticks from `/proc/stat`.
struct IdleCounter {
    private let root: SensorRoot

    init(_ root: SensorRoot) { self.root = root }

    /// Idle ticks, and all ticks of one CPU, summed over `cpus`.
    func read(_ cpus: [Int]) -> (idle: UInt64, all: UInt64)? {
        // The interrupts' line is long, and longer on large machines.
        guard let text = root.text("/proc/stat", limit: 1 << 20) else { return nil }
        let wanted = Set(cpus)
        var (idle, all): (UInt64, UInt64) = (0, 0)
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let fields = line.split(separator: " ")
            guard let number = Int(fields[0].dropFirst(3)), wanted.contains(number) else { continue }
            let ticks = fields.dropFirst().prefix(8).compactMap { UInt64($0) }
            guard ticks.count >= 5 else { continue }
            // The fourth is idle, the fifth idle while waiting for a disk.
            idle &+= ticks[3] &+ ticks[4]
            for value in ticks { all &+= value }
        }
        return all == 0 ? nil : (idle, all)
    }
}
