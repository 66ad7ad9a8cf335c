/// Something that measures what the machine takes.
struct EnergyMeter {
    enum Reading: Hashable {
        /// Joules since some moment; begins again at `range`.
        case joules(Double, range: Double)
        case watts(Double)
    }

    /// For people: `intel-rapl`.
    let name: String
    private let root: SensorRoot
    private let energy: [(file: String, rangeJoules: Double)]
    private let power: [String]

    /// The best meter there is: a power monitor on the board's supply, the CPU's own counters (only root may read those),
    /// or the battery's gauge.
    init?(_ root: SensorRoot) {
        self.root = root
        // Monitors made for supplies. Others, such as graphics cards, measure something else.
        let monitors = HardwareMonitors.chips(root).filter { $0.name.hasPrefix("ina2") || $0.name.hasPrefix("ina3") }
        let files = monitors.map { "\($0.folder)/power1_input" }.filter { root.integer($0) != nil }
        if let first = files.first {
            (name, energy, power) = (monitors[0].name, [], [first])
            return
        }
        let packages = root.names(in: "/sys/class/powercap", prefix: "intel-rapl:").filter { name in
            name.count(where: { $0 == ":" }) == 1
        }.map { "/sys/class/powercap/\($0)" }.filter { folder in
            root.integer("\(folder)/energy_uj") != nil && (root.text("\(folder)/name") ?? "").hasPrefix("package")
        }
        if !packages.isEmpty {
            energy = packages.map { folder in
                ("\(folder)/energy_uj", Double(root.integer("\(folder)/max_energy_range_uj") ?? 0) / 1e6)
            }
            (name, power) = ("intel-rapl", [])
            return
        }
        let gauges = root.names(in: "/sys/class/power_supply").map { "/sys/class/power_supply/\($0)/power_now" }
            .filter { root.integer($0) != nil }
        guard !gauges.isEmpty else { return nil }
        (name, energy, power) = ("battery", [], gauges)
    }

    func read() -> [Reading] {
        if !power.isEmpty {
            let watts = power.compactMap { root.integer($0) }.map { Double($0.magnitude) / 1e6 }
            return watts.isEmpty ? [] : [.watts(watts.reduce(0, +))]
        }
        return energy.compactMap { meter in
            root.integer(meter.file).map { .joules(Double($0) / 1e6, range: meter.rangeJoules) }
        }
    }

    /// Watts between two readings of the same meter; nil when that cannot be told.
    static func watts(_ before: [Reading], _ now: [Reading], seconds: Double) -> Double? {
        guard !now.isEmpty, before.count == now.count || before.isEmpty else { return nil }
        var sum = 0.0
        for (index, reading) in now.enumerated() {
            switch reading {
            case .watts(let watts): sum += watts
            case .joules(let joules, let range):
                guard seconds > 0, before.indices.contains(index), case .joules(let old, _) = before[index] else {
                    return nil
                }
                // A counter below its old value has begun again.
                let used = joules >= old ? joules - old : joules + range - old
                sum += used / seconds
            }
        }
        return sum.isFinite && (0...10_000).contains(sum) ? sum : nil
    }
}
