import Foundation
import Power

/// A folder with `sys` and `proc` in it, as the kernel would fill them.
final class FakeMachine: Sendable {
    let path: String
    var root: SensorRoot { SensorRoot(path) }

    init() throws {
        path = NSTemporaryDirectory() + "tarsier-power-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func set(_ file: String, _ content: String) throws { try set(file, bytes: Array((content + "\n").utf8)) }

    func set(_ file: String, bytes: [UInt8]) throws {
        let url = URL(fileURLWithPath: path + file)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: path + file) }

    /// Files with short content of a Raspberry Pi 5 with everything plugged in.
    static let everything: [(file: String, content: String)] = [
        ("/sys/class/thermal/thermal_zone0/type", "cpu-thermal"),
        ("/sys/class/thermal/thermal_zone0/temp", "61450"),
        ("/sys/class/thermal/thermal_zone0/trip_point_0_type", "critical"),
        ("/sys/class/thermal/thermal_zone0/trip_point_0_temp", "110000"),
        ("/sys/class/thermal/thermal_zone0/trip_point_1_type", "passive"),
        ("/sys/class/thermal/thermal_zone0/trip_point_1_temp", "85000"),
        ("/sys/class/thermal/thermal_zone1/type", "iwlwifi_1"),
        ("/sys/class/thermal/thermal_zone1/temp", "99000"),
        ("/sys/class/thermal/cooling_device0/type", "pwm-fan"),
        ("/sys/class/thermal/cooling_device0/cur_state", "2"),
        ("/sys/class/thermal/cooling_device0/max_state", "4"),
        ("/sys/class/thermal/cooling_device1/type", "cpufreq-cpu0"),
        ("/sys/class/thermal/cooling_device1/cur_state", "0"),
        ("/sys/class/thermal/cooling_device1/max_state", "9"),
        ("/sys/class/hwmon/hwmon0/name", "rpi_volt"),
        ("/sys/class/hwmon/hwmon0/in0_lcrit_alarm", "0"),
        ("/sys/class/hwmon/hwmon1/name", "pwmfan"),
        ("/sys/class/hwmon/hwmon1/fan1_input", "3100"),
        ("/sys/class/hwmon/hwmon2/name", "ina219"),
        ("/sys/class/hwmon/hwmon2/power1_input", "4300000"),
        ("/sys/devices/platform/soc/soc:firmware/get_throttled", "50000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "1500000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_min_freq", "1500000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", "2400000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "2400000"),
        ("/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", "ondemand"),
        ("/sys/class/power_supply/BAT0/type", "Battery"),
        ("/sys/class/power_supply/BAT0/status", "Discharging"),
        ("/sys/class/power_supply/BAT0/capacity", "42"),
        ("/sys/class/power_supply/AC/type", "Mains"),
        ("/sys/class/power_supply/AC/online", "0"),
        ("/proc/self/cgroup", "0::/system.slice/tarsier.service"),
        ("/sys/fs/cgroup/cgroup.controllers", "cpu memory"),
        ("/sys/fs/cgroup/system.slice/cpu.max", "max 100000"),
        ("/sys/fs/cgroup/system.slice/tarsier.service/cpu.max", "150000 100000"),
        (
            "/sys/fs/cgroup/system.slice/tarsier.service/cpu.pressure",
            "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0"
        ),
        ("/proc/stat", "cpu  200 0 0 800\ncpu0 100 0 0 400 0 0 0 0 0 0\ncpu1 100 0 0 400 0 0 0 0 0 0\nintr 1 2 3"),
    ]

    static func withEverything() throws -> FakeMachine {
        let machine = try FakeMachine()
        for (file, content) in everything { try machine.set(file, content) }
        return machine
    }
}
