/// Chips of the kernel's hardware monitor, by name.
enum HardwareMonitors {
    struct Chip: Hashable {
        let folder: String
        let name: String
    }

    static func chips(_ root: SensorRoot) -> [Chip] {
        root.names(in: "/sys/class/hwmon", prefix: "hwmon").compactMap { entry in
            let folder = "/sys/class/hwmon/\(entry)"
            return root.text("\(folder)/name").map { Chip(folder: folder, name: $0) }
        }
    }
}

/// A fan that somebody else steers.
package struct Fan: Hashable, Sendable {
    /// Turns a minute, where it has a sensor.
    package var rpm: Int?
    /// How hard it is driven, 0 to 1.
    package var drive: Double?

    package init(rpm: Int? = nil, drive: Double? = nil) {
        self.rpm = rpm
        self.drive = drive
    }
}

/// The first fan there is.
struct Fans {
    private let root: SensorRoot
    private let folder: String?
    private let coolingDevice: String?

    init(_ root: SensorRoot) {
        self.root = root
        folder =
            HardwareMonitors.chips(root).map(\.folder).first {
                root.exists("\($0)/fan1_input") || root.exists("\($0)/pwm1")
            }
        coolingDevice =
            CoolingDevices.folders(root).first { (root.text("\($0)/type") ?? "").contains("fan") }
    }

    func read() -> Fan? {
        let rpm = folder.flatMap { root.integer("\($0)/fan1_input") }.flatMap { (0...100_000).contains($0) ? $0 : nil }
        var drive: Double?
        if let folder, let pwm = root.integer("\(folder)/pwm1"), (0...255).contains(pwm) { drive = Double(pwm) / 255 }
        if drive == nil, let coolingDevice { drive = CoolingDevices.share(coolingDevice, root) }
        return rpm == nil && drive == nil ? nil : Fan(rpm: rpm, drive: drive)
    }
}

/// What the kernel steers against heat.
enum CoolingDevices {
    static func folders(_ root: SensorRoot) -> [String] {
        root.names(in: "/sys/class/thermal", prefix: "cooling_device").map { "/sys/class/thermal/\($0)" }
    }

    /// State as a share of the highest one, 0 to 1.
    static func share(_ folder: String, _ root: SensorRoot) -> Double? {
        guard let state = root.integer("\(folder)/cur_state"), let highest = root.integer("\(folder)/max_state"),
            highest > 0, (0...highest).contains(state)
        else { return nil }
        return Double(state) / Double(highest)
    }
}
