/// The clock of the fastest group of CPUs.
package struct Frequency: Hashable, Sendable {
    package var currentKHz: Int
    /// What the system's own governor may choose from at the moment.
    package var minKHz: Int?
    package var maxKHz: Int?
    /// What the hardware can do.
    package var hardwareKHz: Int?
    /// The kernel's frequency governor, such as `ondemand`.
    package var governor: String?

    package init(
        currentKHz: Int, minKHz: Int? = nil, maxKHz: Int? = nil, hardwareKHz: Int? = nil, governor: String? = nil
    ) {
        self.currentKHz = currentKHz
        self.minKHz = minKHz
        self.maxKHz = maxKHz
        self.hardwareKHz = hardwareKHz
        self.governor = governor
    }

    /// Whether something below the kernel's governor holds the clock down: told to run at full speed, it does not.
    package var isHeldDown: Bool {
        guard governor == "performance", let maxKHz else { return false }
        return Double(currentKHz) < 0.9 * Double(maxKHz)
    }
}

struct Frequencies {
    private static let folder = "/sys/devices/system/cpu/cpufreq"
    private let root: SensorRoot
    private let policies: [String]

    init(_ root: SensorRoot) {
        self.root = root
        policies = root.names(in: Frequencies.folder, prefix: "policy").map { "\(Frequencies.folder)/\($0)" }
    }

    func read() -> Frequency? {
        policies.compactMap(policy).max { ($0.hardwareKHz ?? 0) < ($1.hardwareKHz ?? 0) }
    }

    private func policy(_ folder: String) -> Frequency? {
        // `cpuinfo_cur_freq` is what the hardware says, but only root may read it.
        guard let current = kilohertz("\(folder)/cpuinfo_cur_freq") ?? kilohertz("\(folder)/scaling_cur_freq") else {
            return nil
        }
        return Frequency(
            currentKHz: current, minKHz: kilohertz("\(folder)/scaling_min_freq"),
            maxKHz: kilohertz("\(folder)/scaling_max_freq"), hardwareKHz: kilohertz("\(folder)/cpuinfo_max_freq"),
            governor: root.text("\(folder)/scaling_governor"))
    }

    private func kilohertz(_ file: String) -> Int? {
        root.integer(file).flatMap { (1000...20_000_000).contains($0) ? $0 : nil }
    }
}
