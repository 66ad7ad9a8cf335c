/// What the firmware or the kernel does to the CPU's clock right now, and what it complains of.
package struct Throttling: Hashable, Sendable {
    /// The clock is held down against heat.
    package var isThrottled: Bool
    /// The supply is below what the board needs.
    package var isUndervolted: Bool

    package init(isThrottled: Bool = false, isUndervolted: Bool = false) {
        self.isThrottled = isThrottled
        self.isUndervolted = isUndervolted
    }
}

/// Raspberry Pi's firmware, its `rpi_volt` monitor, and the kernel's own cooling of the CPU.
struct ThrottleSensors {
    /// `/sys/devices/platform/soc/soc:firmware/get_throttled`: low bits are now, bits 16 to 19 since boot. Bit 0 is
    /// under-voltage, 1 a capped clock, 2 throttled, 3 the soft temperature limit
    /// (raspberrypi.com/documentation/computers/os.html#get_throttled).
    private static let firmware = "/sys/devices/platform/soc/soc:firmware/get_throttled"

    private let root: SensorRoot
    private let hasFirmware: Bool
    private let volt: String?
    private let processors: [String]

    init(_ root: SensorRoot) {
        self.root = root
        hasFirmware = root.exists(ThrottleSensors.firmware)
        volt = HardwareMonitors.chips(root).first { $0.name == "rpi_volt" }?.folder
        processors = CoolingDevices.folders(root).filter { folder in
            let type = root.text("\(folder)/type") ?? ""
            return type == "Processor" || type.contains("cpufreq")
        }
    }

    func read() -> Throttling? {
        var answer: Throttling?
        if hasFirmware, let bits = ThrottleSensors.bits(root.text(ThrottleSensors.firmware)) {
            answer = Throttling(isThrottled: bits & 0b1110 != 0, isUndervolted: bits & 1 != 0)
        }
        if let volt, let alarm = root.integer("\(volt)/in0_lcrit_alarm") {
            answer = answer ?? Throttling()
            if alarm != 0 { answer?.isUndervolted = true }
        }
        let cooling = processors.compactMap { CoolingDevices.share($0, root) }
        if !cooling.isEmpty {
            answer = answer ?? Throttling()
            if cooling.contains(where: { $0 > 0 }) { answer?.isThrottled = true }
        }
        return answer
    }

    /// Hexadecimal, with or without `0x`.
    static func bits(_ text: String?) -> UInt32? {
        guard let text else { return nil }
        return UInt32(text.hasPrefix("0x") ? text.dropFirst(2) : text[...], radix: 16)
    }
}
