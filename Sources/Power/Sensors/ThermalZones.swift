/// How hot the CPU is, and where the kernel itself begins to slow it down.
package struct Temperature: Hashable, Sendable {
    package var celsius: Double
    /// The lowest passive trip point of the zone, where it has one.
    package var passiveTripCelsius: Double?

    package init(celsius: Double, passiveTripCelsius: Double? = nil) {
        self.celsius = celsius
        self.passiveTripCelsius = passiveTripCelsius
    }
}

/// The thermal zones that tell about the CPU; where a machine has several, the hottest counts.
struct ThermalZones {
    private static let folder = "/sys/class/thermal"
    /// Parts of the names that kernels give to zones of the CPU or of the chip it is on.
    private static let words = [
        "cpu", "soc", "x86_pkg", "core", "cluster", "package", "big", "little", "tctl", "center",
    ]

    private struct Zone {
        let folder: String
        let passiveTripCelsius: Double?
    }

    private let root: SensorRoot
    private let zones: [Zone]
    /// Chips of the hardware monitor that know the CPU's temperature, for machines without zones.
    private let monitors: [String]

    init(_ root: SensorRoot) {
        self.root = root
        let named = root.names(in: ThermalZones.folder, prefix: "thermal_zone").map { name in
            let folder = "\(ThermalZones.folder)/\(name)"
            return (folder, type: (root.text("\(folder)/type") ?? "").lowercased())
        }
        var chosen = named.filter { zone in ThermalZones.words.contains { zone.type.contains($0) } }
        if chosen.isEmpty { chosen = named.filter { $0.type.hasPrefix("acpitz") } }
        // A board whose only zone has a name of its own: it is the chip's.
        if chosen.isEmpty && named.count == 1 { chosen = named }
        zones = chosen.map { Zone(folder: $0.0, passiveTripCelsius: ThermalZones.passiveTrip($0.0, root)) }
        monitors = HardwareMonitors.chips(root).filter { chip in
            ["coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal"].contains { chip.name.hasPrefix($0) }
        }.map(\.folder)
    }

    func read() -> Temperature? {
        var hottest: Temperature?
        for zone in zones {
            guard let celsius = ThermalZones.celsius(root.integer("\(zone.folder)/temp")) else { continue }
            let trip = [hottest?.passiveTripCelsius, zone.passiveTripCelsius].compactMap { $0 }.min()
            hottest = Temperature(celsius: max(celsius, hottest?.celsius ?? celsius), passiveTripCelsius: trip)
        }
        if let hottest { return hottest }
        let values = monitors.compactMap { ThermalZones.celsius(root.integer("\($0)/temp1_input")) }
        return values.max().map { Temperature(celsius: $0) }
    }

    private static func passiveTrip(_ folder: String, _ root: SensorRoot) -> Double? {
        (0..<12).compactMap { index -> Double? in
            guard root.text("\(folder)/trip_point_\(index)_type") == "passive" else { return nil }
            return celsius(root.integer("\(folder)/trip_point_\(index)_temp"))
        }.min()
    }

    /// Nil for what no CPU that runs this program can have: drivers give such values for "no reading".
    static func celsius(_ millidegrees: Int?) -> Double? {
        guard let millidegrees, (-40_000...150_000).contains(millidegrees), millidegrees != 0 else { return nil }
        return Double(millidegrees) / 1000
    }
}
