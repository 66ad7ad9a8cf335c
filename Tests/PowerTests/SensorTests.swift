import Tensors
import Testing

@testable import Power

/// Every sensor from files as the kernel writes them.
@Suite struct SensorTests {
    @Test func `A machine without sensors has none`() throws {
        let machine = try FakeMachine()
        var reader = SensorReader(machine.root)
        let readings = reader.read(nowNs: 1_000_000_000, cpuNs: 5, allowed: [0, 1])
        var expected = Readings(atNs: 1_000_000_000)
        expected.allowedCPUs = 2
        #expect(readings == expected)
        #expect(reader.available.isEmpty)
    }

    @Test func `Every sensor of a board is read`() throws {
        let machine = try FakeMachine.withEverything()
        var reader = SensorReader(machine.root)
        let readings = reader.read(nowNs: 1_000_000_000, cpuNs: 0, allowed: [0, 1])
        #expect(readings.temperature == Temperature(celsius: 61.45, passiveTripCelsius: 85))
        #expect(readings.throttling == Throttling(isThrottled: false, isUndervolted: false), "only since boot, not now")
        #expect(
            readings.frequency
                == Frequency(
                    currentKHz: 1_500_000, minKHz: 1_500_000, maxKHz: 2_400_000, hardwareKHz: 2_400_000,
                    governor: "ondemand"))
        #expect(readings.supply == Supply(isOnBattery: true, percent: 42))
        #expect(readings.quotaCPUs == 1.5)
        #expect(readings.watts == 4.3)
        #expect(readings.fan == Fan(rpm: 3100, drive: 0.5))
        #expect(
            reader.available == [
                "temperature", "throttling", "frequency", "contention (group)", "quota", "supply", "watts (ina219)",
                "fan",
            ])
    }

    @Test(arguments: ["-9223372036854775808", "9223372036854775807", "-1", "", "18446744073709551616", "x"])
    func `A meter of nonsense measures nothing, and ends nothing`(content: String) throws {
        let machine = try FakeMachine.withEverything()
        var reader = SensorReader(machine.root)
        try machine.set("/sys/class/hwmon/hwmon2/power1_input", content)
        let watts = reader.read(nowNs: 1_000_000_000, cpuNs: 0, allowed: [0, 1]).watts
        #expect(watts == (content == "-1" ? 1e-6 : nil))
    }

    @Test func `Files in memory are read like real ones, and change as they do`() {
        let file = "/sys/class/thermal/thermal_zone0/temp"
        let files = SensorFiles([
            "/sys/class/thermal/thermal_zone0/type": Array("cpu-thermal\n".utf8), file: Array("61450\n".utf8),
        ])
        var reader = SensorReader(SensorRoot(files))
        #expect(reader.available.contains("temperature"))
        #expect(reader.read(nowNs: 1, cpuNs: 0, allowed: [0]).temperature?.celsius == 61.45)
        files.replace([file: Array("70000\n".utf8)])
        #expect(reader.read(nowNs: 2, cpuNs: 0, allowed: [0]).temperature?.celsius == 70)
    }

    @Test func `Counters become rates`() throws {
        let machine = try FakeMachine.withEverything()
        var reader = SensorReader(machine.root)
        _ = reader.read(nowNs: 1_000_000_000, cpuNs: 0, allowed: [0, 1])
        let group = "/sys/fs/cgroup/system.slice/tarsier.service"
        try machine.set("\(group)/cpu.pressure", "some avg10=9.00 avg60=1.00 avg300=0.00 total=1500000")
        try machine.set("/proc/stat", "cpu0 150 0 0 450 0 0 0 0 0 0\ncpu1 100 0 0 500 0 0 0 0 0 0")
        let readings = reader.read(nowNs: 3_000_000_000, cpuNs: 500_000_000, allowed: [0, 1])
        #expect(readings.contention == 0.25, "half a second of two")
        #expect(readings.ownCPUs == 0.25)
        #expect(readings.idleCPUs == 1.5, "150 of 200 ticks")
    }

    @Test func `The firmware's live bits and the voltage monitor are told apart from the sticky ones`() throws {
        let machine = try FakeMachine.withEverything()
        let bits: [(String, Throttling)] = [
            ("0", Throttling()), ("50005", Throttling(isThrottled: true, isUndervolted: true)),
            ("0x1", Throttling(isUndervolted: true)), ("80008", Throttling(isThrottled: true)),
            ("2", Throttling(isThrottled: true)),
        ]
        for (text, expected) in bits {
            try machine.set("/sys/devices/platform/soc/soc:firmware/get_throttled", text)
            #expect(ThrottleSensors(machine.root).read() == expected, "\(text)")
        }
        try machine.set("/sys/devices/platform/soc/soc:firmware/get_throttled", "0")
        try machine.set("/sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1")
        #expect(ThrottleSensors(machine.root).read() == Throttling(isUndervolted: true))
        try machine.set("/sys/class/thermal/cooling_device1/cur_state", "3")
        #expect(ThrottleSensors(machine.root).read() == Throttling(isThrottled: true, isUndervolted: true))
    }

    @Test func `Quotas of both control group versions count, the smallest on the way up`() throws {
        let machine = try FakeMachine()
        try machine.set("/proc/self/cgroup", "4:cpu,cpuacct:/a/b\n0::/a")
        try machine.set("/sys/fs/cgroup/cpu/a/b/cpu.cfs_quota_us", "-1")
        try machine.set("/sys/fs/cgroup/cpu/a/b/cpu.cfs_period_us", "100000")
        #expect(ControlGroup(machine.root).quota() == nil)
        try machine.set("/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000")
        try machine.set("/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000")
        #expect(ControlGroup(machine.root).quota() == 0.5)
        try machine.set("/sys/fs/cgroup/unified/a/cpu.max", "20000 100000")
        #expect(ControlGroup(machine.root).quota() == 0.2)
        try machine.set("/sys/fs/cgroup/unified/a/cpu.max", "max 0")
        #expect(ControlGroup(machine.root).quota() == 0.5)
    }

    @Test func `Without a group's pressure the threads' own waiting counts, then the machine's`() throws {
        let machine = try FakeMachine()
        try machine.set("/proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=77")
        var counter = ContentionCounter(machine.root, ControlGroup(machine.root))
        #expect(counter.source == .machine && counter.read() == 77)
        try machine.set("/proc/self/task/12/schedstat", "100000 3000000 7")
        try machine.set("/proc/self/task/13/schedstat", "100000 2000000 7")
        counter = ContentionCounter(machine.root, ControlGroup(machine.root))
        #expect(counter.source == .threads && counter.read() == 5000)
    }

    @Test func `A battery beside mains is no reason to save, and the mouse's battery is none`() throws {
        let machine = try FakeMachine.withEverything()
        try machine.set("/sys/class/power_supply/AC/online", "1")
        #expect(Supplies(machine.root).read() == Supply(isOnBattery: false, percent: 42))
        try machine.set("/sys/class/power_supply/BAT0/scope", "Device")
        #expect(Supplies(machine.root).read() == Supply(isOnBattery: false))
    }

    @Test func `RAPL counters become watts across their wrap`() throws {
        let machine = try FakeMachine()
        let folder = "/sys/class/powercap/intel-rapl:0"
        try machine.set("\(folder)/name", "package-0")
        try machine.set("\(folder)/max_energy_range_uj", "100000000")
        try machine.set("\(folder)/energy_uj", "98000000")
        try machine.set("/sys/class/powercap/intel-rapl:0:0/name", "core")
        try machine.set("/sys/class/powercap/intel-rapl:0:0/energy_uj", "1")
        var reader = SensorReader(machine.root)
        #expect(reader.read(nowNs: 1_000_000_000, cpuNs: 0, allowed: [0]).watts == nil, "one value is no rate")
        try machine.set("\(folder)/energy_uj", "6000000")
        let watts = try #require(reader.read(nowNs: 3_000_000_000, cpuNs: 0, allowed: [0]).watts)
        #expect(abs(watts - 4) < 1e-9)
    }

    @Test func `Fast and slow cores are told apart`() throws {
        let machine = try FakeMachine()
        #expect(CoreTypes(machine.root, allowed: [0, 1]).fastest == [0, 1])
        for cpu in 0..<6 { try machine.set("/sys/devices/system/cpu/cpu\(cpu)/cpu_capacity", cpu < 4 ? "381" : "1024") }
        #expect(CoreTypes(machine.root, allowed: Array(0..<6)).fastest == [4, 5])
        #expect(CoreTypes(machine.root, allowed: [0, 1]).fastest == [0, 1], "the fast ones are not ours")
        let hybrid = try FakeMachine()
        try hybrid.set("/sys/devices/cpu_core/cpus", "0-3,8")
        try hybrid.set("/sys/devices/cpu_atom/cpus", "4-7")
        #expect(CoreTypes(hybrid.root, allowed: Array(0..<9)).fastest == [0, 1, 2, 3, 8])
    }

    @Test func `Lists of CPUs that are none are refused`() {
        #expect(CPUList.parse("0-2,5") == [0, 1, 2, 5])
        for text in ["3-1", "a", "1-2-3", "-1", "0-99999999", "1,,b", "9999999999999999999"] {
            #expect(CPUList.parse(text) == nil, "\(text)")
        }
    }

    /// Files come and go and hold anything while the reader reads.
    @Test func `No content of any sensor's file stops the reader`() throws {
        var random = SplitMix64(seed: 20261121)
        let machine = try FakeMachine.withEverything()
        var reader = SensorReader(machine.root)
        let texts = [
            "", "-", "NaN", "inf", "-9223372036854775808", "9223372036854775807", "99999999999999999999", "1e308", "0x",
            "some total=", "some avg10=x total=-1", "cpu0", "cpu0 1 2", "max max", "0 0", "1 0", "0::/../..", "::::",
            "4:cpu:x", "0-", "\u{0}\u{0}", "-1", "0", "65535", "a b c d e f g h",
        ]
        for round in 0..<300 {
            for _ in 0..<6 {
                let (file, content) = try #require(FakeMachine.everything.randomElement(using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: try? machine.remove(file)
                case 1: try machine.set(file, content)
                case 2: try machine.set(file, try #require(texts.randomElement(using: &random)))
                default:
                    let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    try machine.set(file, bytes: bytes)
                }
            }
            if round % 10 == 0 { reader = SensorReader(machine.root) }
            let readings = reader.read(
                nowNs: UInt64.random(in: 0...10_000_000_000, using: &random),
                cpuNs: UInt64.random(in: 0...10_000_000_000, using: &random), allowed: [0, 1])
            if let celsius = readings.temperature?.celsius { #expect((-40...150).contains(celsius)) }
            if let quota = readings.quotaCPUs { #expect(quota > 0 && quota.isFinite) }
            if let share = readings.contention { #expect((0...1).contains(share)) }
            if let percent = readings.supply?.percent { #expect((0...100).contains(percent)) }
        }
    }
}
