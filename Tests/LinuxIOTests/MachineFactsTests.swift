import Testing

@testable import LinuxIO

/// A machine made of files.
@Suite struct MachineFactsTests {
    private func facts(_ files: [String: String]) throws -> MachineFacts {
        try withFiles(files) { MachineFacts(root: $0) }
    }

    @Test func `a Raspberry Pi 5 is known by its device tree and its part number`() throws {
        let pi = try facts([
            "/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
            "/proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n",
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_max_freq": "2400000\n",
            "/sys/class/thermal/thermal_zone0/temp": "48312\n",
            "/proc/version": "Linux version 6.6.51+rpt-rpi-2712 (someone) #1 SMP\n",
            "/etc/os-release": "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
        ])
        #expect(pi.board == "Raspberry Pi 5 Model B Rev 1.0")
        #expect(pi.cpu == "Cortex-A76")
        #expect(pi.governor == "ondemand")
        #expect(pi.maxMHz == 2400)
        #expect(pi.celsius == 48.312)
        #expect(pi.kernel == "6.6.51+rpt-rpi-2712")
        #expect(pi.system == "Debian GNU/Linux 12 (bookworm)")
    }

    @Test func `a PC is known by its names`() throws {
        let pc = try facts([
            "/sys/class/dmi/id/product_name": "Box 1\n", "/proc/cpuinfo": "model name\t: Some CPU @ 2 GHz\n",
        ])
        #expect(pc.board == "Box 1")
        #expect(pc.cpu == "Some CPU @ 2 GHz")
    }

    @Test func `a machine that tells nothing gives nothing, and an unknown core its numbers`() throws {
        let none = try facts(["/proc/cpuinfo": "CPU implementer\t: 0x99\nCPU part\t: 0x001\n"])
        #expect(none.board == nil && none.governor == nil && none.celsius == nil && none.maxMHz == nil)
        #expect(none.cpu == "implementer 0x99 part 0x001")
        #expect(none.cpus >= 1)
    }
}
