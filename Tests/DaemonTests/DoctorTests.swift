import Foundation
import Testing

@testable import Daemon

/// The doctor on machines that are made up.
@Suite struct DoctorTests {
    private let root: String

    init() throws {
        root = NSTemporaryDirectory() + "tarsier-doctor-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    private func write(_ path: String, _ text: String = "") throws {
        let url = URL(fileURLWithPath: root + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private func doctor(_ text: String = "", output: @escaping @Sendable (String) -> String = { _ in "" }) -> Doctor {
        Doctor(
            Doctor.Machine(root: root, user: "ada", isRoot: false, groups: [1000], output: output),
            Configuration(files: [("/etc/tarsier/tarsier.conf", text)]),
            configurationPath: "/etc/tarsier/tarsier.conf")
    }

    @Test func `Every problem has a command`() throws {
        try write("/run/systemd/system/x")
        for finding in doctor("rat = 1\nmodel = /nowhere").examine() where finding.verdict == .problem {
            #expect(finding.command?.isEmpty == false, "\(finding)")
        }
    }

    @Test func `A mistake in the configuration is opened at its line`() throws {
        let finding = try #require(doctor("\nrat = 1").settings().first)
        #expect(finding.verdict == .problem && finding.command == "sudoedit +2 /etc/tarsier/tarsier.conf")
        #expect(doctor().settings().map(\.verdict) == [.fine])
    }

    @Test func `A model that is not there is told with the way back to the default`() throws {
        let finding = try #require(doctor("model = /nowhere").model().first)
        #expect(finding.verdict == .problem && finding.text.contains("/nowhere"))
        #expect(finding.command?.contains("/^model/d") == true)
    }

    @Test func `Without a camera the driver is loaded, or the bus looked at`() throws {
        let unloaded = try #require(doctor().camera().first)
        #expect(unloaded.command == "sudo modprobe uvcvideo")
        try write("/proc/devices", " 81 video4linux\n")
        let absent = try #require(doctor().camera().first)
        #expect(absent.verdict == .problem && absent.command?.hasPrefix("lsusb") == true)
        #expect(doctor("source = scene:").camera().map(\.verdict) == [.fine])
    }

    @Test func `A camera node that is no device is told`() throws {
        try write("/sys/class/video4linux/video0/name", "cam\n")
        try write("/dev/video0")
        let finding = try #require(doctor().camera().first)
        #expect(finding.verdict == .problem && finding.text.hasSuffix("is no device"))
    }

    @Test func `Nobody at the socket: start the service`() throws {
        #expect(doctor().socket().map(\.command) == ["sudo systemctl start tarsier"])
    }

    @Test(
        arguments: [
            ("", "tarsier.service is not installed", "apt-get install"),
            (
                "LoadState=loaded\nActiveState=active\nSubState=running\nNRestarts=0\nStatusText=camera ok, 9.8",
                "camera ok, 9.8", nil
            ),
            (
                "LoadState=loaded\nActiveState=failed\nExecMainStatus=78", "mistake in its configuration",
                "tarsier config check"
            ),
            ("LoadState=loaded\nActiveState=failed\nResult=watchdog", "failed (watchdog", "journalctl -u tarsier"),
            ("LoadState=loaded\nActiveState=inactive", "not started", "systemctl start tarsier"),
        ] as [(String, String, String?)])
    func `The unit's state leads to a command`(shown: String, text: String, command: String?) throws {
        try write("/run/systemd/system/x")
        let finding = try #require(doctor(output: { $0.hasPrefix("systemctl show") ? shown : "" }).unit().first)
        #expect(finding.text.contains(text), "\(finding)")
        if let command {
            #expect(finding.command?.contains(command) == true, "\(finding)")
        } else {
            #expect(finding.verdict == .fine)
        }
    }

    @Test func `Where there is no systemd the daemon runs by hand`() {
        #expect(doctor().unit().map(\.command) == ["tarsier run"])
    }

    @Test func `More threads than CPUs, and a mask below what this CPU can, are told`() {
        #expect(doctor("threads = 64").processor().contains { $0.topic == "threads" && $0.verdict == .problem })
        #expect(doctor("cpu-mask = scalar").processor().contains { $0.verdict == .note && $0.text.contains("forbids") })
    }

    @Test func `Heat, a weak supply, a frequency limit and a quota are told, and their absence is`() throws {
        #expect(doctor().sensors().isEmpty)
        try write("/sys/class/thermal/thermal_zone0/temp", "51000\n")
        try write("/sys/class/thermal/thermal_zone0/type", "cpu-thermal\n")
        try write("/sys/class/hwmon/hwmon1/name", "rpi_volt\n")
        try write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
        #expect(doctor().sensors().map(\.verdict) == [.fine, .fine])
        try write("/sys/class/thermal/thermal_zone0/temp", "84000\n")
        try write("/sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
        try write("/sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "600000\n")
        try write("/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", "600000\n")
        try write("/sys/devices/system/cpu/cpufreq/policy0/cpuinfo_max_freq", "1800000\n")
        try write("/sys/fs/cgroup/system.slice/tarsier.service/cpu.max", "20000 100000\n")
        let found = doctor().sensors()
        #expect(found.map(\.topic) == ["supply", "temperature", "frequency", "quota"])
        #expect(found.map(\.verdict) == [.problem, .problem, .note, .note])
        #expect(found.allSatisfy { $0.command != nil })
        #expect(found[2].text.contains("600 of 1800 MHz") && found[3].text.contains("20 % of one CPU"))
    }
}
