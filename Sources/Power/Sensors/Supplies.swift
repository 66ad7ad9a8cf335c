/// What the machine runs on.
package struct Supply: Hashable, Sendable {
    /// No mains while a battery discharges.
    package var isOnBattery: Bool
    /// Charge of the emptiest battery, 0 to 100.
    package var percent: Double?

    package init(isOnBattery: Bool, percent: Double? = nil) {
        self.isOnBattery = isOnBattery
        self.percent = percent
    }
}

/// Mains and batteries of `/sys/class/power_supply`. A machine that names neither is taken to have mains: nil.
struct Supplies {
    private let root: SensorRoot

    init(_ root: SensorRoot) { self.root = root }

    func read() -> Supply? {
        var (hasMains, isDischarging, isKnown) = (false, false, false)
        var percents: [Double] = []
        for name in root.names(in: "/sys/class/power_supply") {
            let folder = "/sys/class/power_supply/\(name)"
            // Batteries of mice and pens say so.
            if root.text("\(folder)/scope") == "Device" { continue }
            switch root.text("\(folder)/type") {
            case "Mains", "USB":
                guard let online = root.integer("\(folder)/online") else { continue }
                isKnown = true
                hasMains = hasMains || online != 0
            case "Battery", "UPS":
                if let percent = root.integer("\(folder)/capacity"), (0...100).contains(percent) {
                    percents.append(Double(percent))
                }
                guard let status = root.text("\(folder)/status") else { continue }
                isKnown = true
                isDischarging = isDischarging || status == "Discharging"
            default: continue
            }
        }
        guard isKnown else { return nil }
        return Supply(isOnBattery: isDischarging && !hasMains, percent: percents.min())
    }
}
