internal import Capture
internal import Glibc
internal import LinuxIO
internal import Tensors

extension Doctor {
    /// Whether there is a camera, the service's user may open it, and it speaks a format we know.
    func camera() -> [Finding] {
        guard case .v4l2(let selector) = configuration.run.source else {
            return [.fine("camera", "none needed: source = \(configuration.run.source)")]
        }
        let finder = CameraFinder(
            sysfs: machine.root + "/sys/class/video4linux", devices: machine.root + "/dev")
        let paths: [String]
        do throws(CaptureError) { paths = try finder.candidates(selector) } catch {
            let isLoaded = machine.text("/proc/devices")?.contains("video4linux") ?? false
            let command = isLoaded ? "lsusb; sudo dmesg | grep -i -E 'usb|video' | tail" : "sudo modprobe uvcvideo"
            return [.problem("camera", "\(error)", command: command)]
        }
        var findings = paths.flatMap(node)
        // A USB camera has further nodes that give metadata only: one that captures is enough.
        if findings.contains(where: { $0.verdict == .fine }) {
            findings.removeAll { $0.text.hasSuffix(Doctor.noCapture) }
        }
        return findings
    }

    private static let noCapture = "does not capture pictures"

    private func node(_ path: String) -> [Finding] {
        let status: FileStatus
        do throws(SystemError) { status = try FileStatus(of: path) } catch {
            return [.problem("camera", "\(path): \(error.reason)", command: "ls -l /dev/video* /dev/v4l/by-id")]
        }
        guard status.kind == .characterDevice else {
            return [.problem("camera", "\(path) is no device", command: "ls -l /dev/video* /dev/v4l/by-id")]
        }
        var findings: [Finding] = []
        if let video = machine.group("video"), status.group != video || status.permissions & 0o060 != 0o060 {
            findings.append(
                .problem(
                    "camera", "\(path) is not open to the group video, which the service is in",
                    command: "sudo chgrp video \(path) && sudo chmod g+rw \(path)"))
        }
        let mayOpen =
            machine.isRoot || status.permissions & 0o006 == 0o006
            || (machine.groups.contains(status.group) && status.permissions & 0o060 == 0o060)
        guard mayOpen else {
            return findings + [
                .note(
                    "camera", "\(path): you may not open it yourself; the service may",
                    command: "sudo usermod -aG video \(machine.user)    # then log in again")
            ]
        }
        do throws(SystemError) {
            let device = try LibV4L2Device(path: path)
            let capability = try device.capability()
            guard capability.canCapture, capability.canStream else {
                return findings + [.note("camera", "\(path) (\(capability.card)) \(Doctor.noCapture)")]
            }
            let known = try device.formats().filter { !$0.isEmulated }.compactMap { PixelFormat(fourcc: $0.fourcc) }
            let names = known.map { "\($0)" }.joined(separator: ", ")
            findings.append(
                known.isEmpty
                    ? .note(
                        "camera", "\(path) (\(capability.card)) offers no format of ours; libv4l2 has to convert",
                        command: "v4l2-ctl -d \(path) --list-formats-ext")
                    : .fine("camera", "\(path) (\(capability.card)): \(names)"))
        } catch {
            findings.append(.problem("camera", "\(path): \(error.reason)", command: "sudo fuser -v \(path)"))
        }
        return findings
    }
}
