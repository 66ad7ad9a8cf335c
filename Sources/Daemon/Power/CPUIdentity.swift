package import Kernels
internal import LinuxIO
internal import Power

/// What a table of latencies depends on, apart from the model: the processor, what of it the process may use, and the highest clock.
package struct CPUIdentity: Hashable, Sendable, Codable, CustomStringConvertible {
    package var name: String
    /// Kernels that may be used.
    package var features: String
    package var cpus: [Int]
    package var quotaCPUs: Double?
    package var maxMHz: Int?

    enum CodingKeys: String, CodingKey {
        case name, features, cpus
        case quotaCPUs = "quota_cpus"
        case maxMHz = "max_mhz"
    }

    package var description: String {
        let quota = quotaCPUs.map { ", quota \($0)" } ?? ""
        return "\(name) (\(cpus.count) CPUs\(quota))"
    }

    /// This machine, for this process.
    package static func current(features: CPUFeatures = .detected) -> CPUIdentity {
        var reader = SensorReader()
        let readings = reader.read()
        return CPUIdentity(
            name: processorName(), features: features.description, cpus: AllowedCPUs.list(),
            quotaCPUs: readings.quotaCPUs,
            maxMHz: readings.frequency?.hardwareKHz.map { $0 / 1000 })
    }

    /// Of `/proc/cpuinfo`: the model name on x86, the numbers of the first core on Arm.
    private static func processorName() -> String {
        guard let text = try? SmallFile.text(at: "/proc/cpuinfo", limit: 1 << 20) else { return "unknown" }
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { part in
                String(part.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            }
            if parts.count == 2, fields[parts[0]] == nil { fields[parts[0]] = parts[1] }
        }
        if let name = fields["model name"] { return name }
        let arm = ["CPU implementer", "CPU part", "CPU variant"].compactMap { fields[$0] }
        return arm.isEmpty ? "unknown" : arm.joined(separator: " ")
    }
}
