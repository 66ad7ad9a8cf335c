internal import LinuxIO
internal import Power

/// What /sys and /proc say, with any content in any of the files: a line of input is a number and what that file holds.
package struct SensorSubject: FuzzSubject {
    package static let name = "sensors"
    package static let limit = 1024
    /// Files of a board with everything, the folders in them made once.
    private static let files = [
        "sys/class/thermal/thermal_zone0/type", "sys/class/thermal/thermal_zone0/temp",
        "sys/class/thermal/thermal_zone0/trip_point_0_type", "sys/class/thermal/thermal_zone0/trip_point_0_temp",
        "sys/class/thermal/cooling_device0/type", "sys/class/thermal/cooling_device0/cur_state",
        "sys/class/thermal/cooling_device0/max_state", "sys/class/hwmon/hwmon0/name",
        "sys/class/hwmon/hwmon0/in0_lcrit_alarm", "sys/class/hwmon/hwmon0/fan1_input",
        "sys/class/hwmon/hwmon0/power1_input", "sys/class/hwmon/hwmon0/temp1_input",
        "sys/devices/platform/soc/soc:firmware/get_throttled",
        "sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq",
        "sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
        "sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "sys/devices/system/cpu/cpu0/cpu_capacity",
        "sys/class/power_supply/BAT0/type", "sys/class/power_supply/BAT0/status",
        "sys/class/power_supply/BAT0/capacity", "sys/class/powercap/intel-rapl:0/energy_uj",
        "sys/class/powercap/intel-rapl:0/max_energy_range_uj", "sys/fs/cgroup/cpu.max", "sys/fs/cgroup/cpu.pressure",
        "sys/fs/cgroup/cgroup.controllers", "proc/self/cgroup", "proc/stat", "proc/pressure/cpu",
    ]
    package static var seeds: [[UInt8]] {
        [
            "\u{0}cpu-thermal\n\u{1}61450\n\u{2}passive\n\u{3}85000\n\u{7}rpi_volt\n\u{8}1\n",
            "\u{C}50005\n\u{11}Battery\n\u{12}Discharging\n\u{13}42\n\u{19}0::/\n\u{16}50000 100000\n",
            "\u{1A}cpu  1 2 3 4 5 6 7 8 0 0\n\u{1B}some avg10=1.00 avg60=0.5 avg300=0.1 total=12345\n",
        ].map { Array($0.utf8) }
    }

    private let folder: String
    private var governor: Governor
    private var clockNs: UInt64 = 1_000_000_000

    package init() throws {
        folder = try MemoryFolder.make()
        for file in SensorSubject.files {
            try MemoryFolder.makeFolders(folder, below: file)
        }
        guard let table = LatencyTable([LatencyTable.Row(threads: 1, latencyNs: 2e6, cpuNs: 2e6)]) else {
            fatalError("a table of one row is a table")
        }
        governor = Governor(limits: PowerLimits(), table: table, maxThreads: 4)
    }

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        for line in input.split(separator: 0x0A) {
            let file = SensorSubject.files[Int(line[line.startIndex]) % SensorSubject.files.count]
            guard (try? MemoryFolder.write(Array(line.dropFirst()), to: "\(folder)/\(file)")) != nil else {
                return false
            }
        }
        var reader = SensorReader(SensorRoot(folder))
        _ = reader.read(nowNs: clockNs, cpuNs: 0, allowed: [0, 1])
        clockNs += 1_000_000_000
        let readings = reader.read(nowNs: clockNs, cpuNs: 1_000_000, allowed: [0, 1])
        let demand = Demand(rate: 10)
        let decision = governor.decide(readings, demand)
        promise((1...4).contains(decision.threads), "\(decision.threads) threads")
        let rate = decision.rate ?? 0
        promise(rate > 0 && rate <= 10, "\(rate) a second")
        return readings.temperature != nil
    }
}
