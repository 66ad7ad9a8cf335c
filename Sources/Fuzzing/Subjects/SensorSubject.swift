internal import Power

/// What /sys and /proc say, with any content in any of the files. A line of input is a number and what that file holds from
/// then on; an empty line is the moment at which they are read and the governor decides.
package struct SensorSubject: FuzzSubject {
    package static let name = "sensors"
    package static let limit = 512
    /// A board with everything.
    private static let board: [(file: String, content: String)] = [
        ("/sys/class/thermal/thermal_zone0/type", "cpu-thermal"), ("/sys/class/thermal/thermal_zone0/temp", "61450"),
        ("/sys/class/thermal/thermal_zone0/trip_point_0_type", "passive"),
        ("/sys/class/thermal/thermal_zone0/trip_point_0_temp", "85000"),
        ("/sys/class/thermal/cooling_device0/type", "pwm-fan"),
        ("/sys/class/thermal/cooling_device0/cur_state", "2"), ("/sys/class/thermal/cooling_device0/max_state", "4"),
        ("/sys/class/hwmon/hwmon0/name", "rpi_volt"), ("/sys/class/hwmon/hwmon0/in0_lcrit_alarm", "0"),
        ("/sys/class/hwmon/hwmon1/name", "coretemp"), ("/sys/class/hwmon/hwmon1/temp1_input", "52000"),
        ("/sys/class/hwmon/hwmon1/fan1_input", "3100"), ("/sys/class/hwmon/hwmon2/name", "ina219"),
        ("/sys/class/hwmon/hwmon2/power1_input", "4300000"),
        ("/sys/devices/platform/soc/soc:firmware/get_throttled", "50000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "1500000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq", "1500000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", "2400000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "2400000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "ondemand"),
        ("/sys/class/power_supply/BAT0/type", "Battery"), ("/sys/class/power_supply/BAT0/status", "Discharging"),
        ("/sys/class/power_supply/BAT0/capacity", "42"), ("/sys/class/power_supply/BAT0/power_now", "3000000"),
        ("/sys/class/power_supply/AC/type", "Mains"), ("/sys/class/power_supply/AC/online", "0"),
        ("/sys/class/powercap/intel-rapl:0/name", "package-0"), ("/sys/class/powercap/intel-rapl:0/energy_uj", "1000"),
        ("/sys/class/powercap/intel-rapl:0/max_energy_range_uj", "262143328850"),
        ("/sys/fs/cgroup/cgroup.controllers", "cpu"), ("/sys/fs/cgroup/t/cgroup.type", "domain"),
        ("/sys/fs/cgroup/t/cpu.max", "50000 100000"),
        ("/sys/fs/cgroup/t/cpu.pressure", "some avg10=1.00 avg60=0.5 avg300=0.1 total=12345"),
        ("/sys/fs/cgroup/cpu/t/cpu.cfs_quota_us", "-1"), ("/sys/fs/cgroup/cpu/t/cpu.cfs_period_us", "100000"),
        ("/proc/self/cgroup", "0::/t"), ("/proc/self/task/1/schedstat", "100 200 3"),
        ("/proc/stat", "cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8\ncpu1 1 2 3 4 5 6 7 8"),
        ("/proc/pressure/cpu", "some avg10=1.00 avg60=0.5 avg300=0.1 total=12345"),
    ]
    /// Readings of one input, at most.
    private static let readings = 4

    package static var words: [String] {
        [
            "Charging", "Discharging", "critical", "passive", "-9223372036854775808", "9223372036854775807", "max",
            "total=",
        ]
    }
    package static var seeds: [[UInt8]] {
        [
            "\u{1}61450\n\u{20}50000 100000\n\n\u{1}84900\n",
            "\u{E}50005\n\n\u{15}Charging\n\u{16}100\n\u{1C}5000000\n\n\u{19}1\n",
            "\u{24}4:cpu,cpuacct:/t\n\u{22}20000\n\u{27}some avg10=9.00 total=99999\n\n\n\u{12}600000\n",
        ].map { Array($0.utf8) }
    }

    private static let contents = Dictionary(uniqueKeysWithValues: board.map { ($0.file, Array($0.content.utf8)) })
    private let files: SensorFiles
    /// Files that the last input has changed.
    private var changed: Set<String> = []
    private let governor: Governor

    package init() throws {
        files = SensorFiles(SensorSubject.contents)
        guard let table = LatencyTable([LatencyTable.Row(threads: 1, latencyNs: 2e6, cpuNs: 2e6)]) else {
            fatalError("a table of one row is a table")
        }
        governor = Governor(limits: PowerLimits(), table: table, maxThreads: 4)
    }

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        files.replace(Dictionary(uniqueKeysWithValues: changed.map { ($0, SensorSubject.contents[$0] ?? []) }))
        changed = []
        var governor = governor
        var lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)[...]
        change(&lines)
        var reader = SensorReader(SensorRoot(files))
        var hasTemperature = false
        for second in 1...UInt64(SensorSubject.readings) {
            let readings = reader.read(nowNs: second * 1_000_000_000, cpuNs: second * 5_000_000, allowed: [0, 1])
            let decision = governor.decide(readings, Demand(rate: 10))
            promise((1...4).contains(decision.threads), "\(decision.threads) threads")
            let rate = decision.rate ?? 0
            promise(rate > 0 && rate <= 10, "\(rate) a second")
            hasTemperature = readings.temperature != nil
            if lines.isEmpty { break }
            change(&lines)
        }
        return hasTemperature
    }

    /// Takes the lines up to an empty one.
    private mutating func change(_ lines: inout ArraySlice<ArraySlice<UInt8>>) {
        var changes: [String: [UInt8]] = [:]
        while let line = lines.popFirst(), let number = line.first {
            changes[SensorSubject.board[Int(number) % SensorSubject.board.count].file] = Array(line.dropFirst())
        }
        files.replace(changes)
        changed.formUnion(changes.keys)
    }
}
