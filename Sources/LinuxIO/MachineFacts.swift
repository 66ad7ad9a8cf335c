import Glibc

/// What a figure must say about the machine it was measured on. Read from /proc, /sys and /etc when asked; nil where a
/// machine does not tell.
package struct MachineFacts: Hashable, Sendable {
    /// The board, as its firmware names it: `Raspberry Pi 5 Model B Rev 1.0`.
    package let board: String?
    /// The CPU, by its name or, on Arm, by implementer and part: `Cortex-A76`.
    package let cpu: String?
    /// CPUs that are online.
    package let cpus: Int
    /// cpufreq governor of the first CPU.
    package let governor: String?
    /// The highest frequency cpufreq allows the first CPU.
    package let maxMHz: Int?
    /// The first thermal zone.
    package let celsius: Double?
    /// Kernel release and hardware name, as `uname -rm`.
    package let kernel: String
    /// `PRETTY_NAME` of the distribution.
    package let system: String?

    /// - Parameter root: of the file system; another folder for tests.
    package init(root: String = "") {
        board = MachineFacts.line(root + "/proc/device-tree/model") ?? MachineFacts.pcBoard(root: root)
        cpu = MachineFacts.cpuName(root: root)
        cpus = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        let cpufreq = root + "/sys/devices/system/cpu/cpu0/cpufreq/"
        governor = MachineFacts.line(cpufreq + "scaling_governor")
        maxMHz = MachineFacts.line(cpufreq + "scaling_max_freq").flatMap { Int($0) }.map { $0 / 1000 }
        celsius = MachineFacts.line(root + "/sys/class/thermal/thermal_zone0/temp").flatMap { Double($0) }
            .map { $0 / 1000 }
        let words = MachineFacts.line(root + "/proc/version")?.split(separator: " ") ?? []
        kernel = words.count > 2 ? String(words[2]) : "unknown"
        system = MachineFacts.value("PRETTY_NAME", in: root + "/etc/os-release", separator: "=")
    }

    /// The first line of a small file, without the zero that ends strings of the device tree.
    private static func line(_ path: String) -> String? {
        guard let text = try? SmallFile.text(at: path) else { return nil }
        let line = text.prefix { $0 != "\n" && $0 != "\0" }
        return line.isEmpty ? nil : String(line)
    }

    /// The value of the first line `KEY separator value`, without quotation marks.
    private static func value(_ key: String, in path: String, separator: Character) -> String? {
        guard let text = try? SmallFile.text(at: path) else { return nil }
        for line in text.split(separator: "\n") {
            guard let at = line.firstIndex(of: separator) else { continue }
            guard trimmed(line[..<at]) == key else { continue }
            return trimmed(line[line.index(after: at)...])
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        let blanks: Set<Character> = [" ", "\t", "\""]
        let start = text.drop { blanks.contains($0) }
        return String(start.reversed().drop { blanks.contains($0) }.reversed())
    }

    private static func pcBoard(root: String) -> String? { line(root + "/sys/class/dmi/id/product_name") }

    private static func cpuName(root: String) -> String? {
        let path = root + "/proc/cpuinfo"
        if let name = value("model name", in: path, separator: ":") { return name }
        guard let part = value("CPU part", in: path, separator: ":") else { return nil }
        let implementer = value("CPU implementer", in: path, separator: ":") ?? "?"
        // Arm's own cores (0x41) that boards carry; MIDR part numbers of their reference manuals.
        let arm = [
            "0xd03": "Cortex-A53", "0xd04": "Cortex-A35", "0xd05": "Cortex-A55", "0xd07": "Cortex-A57",
            "0xd08": "Cortex-A72", "0xd09": "Cortex-A73", "0xd0a": "Cortex-A75", "0xd0b": "Cortex-A76",
            "0xd0c": "Neoverse-N1", "0xd41": "Cortex-A78", "0xd46": "Cortex-A510", "0xd47": "Cortex-A710",
        ]
        if implementer == "0x41", let name = arm[part] { return name }
        return "implementer \(implementer) part \(part)"
    }
}
