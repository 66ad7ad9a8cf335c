import Glibc
import LinuxIO

/// From a selector to the device paths worth trying, by what /sys says. The roots can be replaced for tests.
package struct CameraFinder {
    private let sysfs: String
    private let devices: String

    package init(sysfs: String = "/sys/class/video4linux", devices: String = "/dev") {
        (self.sysfs, self.devices) = (sysfs, devices)
    }

    /// Paths in the order of their numbers; the first that can capture is meant.
    /// - Throws: `noInput` when there is no such camera.
    package func candidates(_ selector: SourceSpecification.CameraSelector) throws(CaptureError) -> [String] {
        let source = SourceSpecification.v4l2(selector).description
        switch selector {
        case .device(let path): return [path]
        case .automatic:
            let nodes = nodes()
            if nodes.isEmpty {
                throw CaptureError(
                    .noInput, source: source, "no camera here; plug one in, or use scene: to try without")
            }
            return nodes.map { "\(devices)/\($0)" }
        case .usb(let vendor, let product, let serial):
            let matching = nodes().filter { node in
                // "device" is the USB interface; the ids are those of the USB device it belongs to.
                let parent = "\(sysfs)/\(node)/device/.."
                func field(_ name: String) -> String? {
                    (try? SmallFile.text(at: "\(parent)/\(name)"))?.split(whereSeparator: \.isNewline).first.map(
                        String.init)
                }
                return field("idVendor")?.lowercased() == vendor && field("idProduct")?.lowercased() == product
                    && (serial == nil || field("serial") == serial)
            }
            if matching.isEmpty {
                throw CaptureError(.noInput, source: source, "no such USB camera is plugged in; lsusb shows what is")
            }
            return matching.map { "\(devices)/\($0)" }
        }
    }

    private func nodes() -> [String] {
        let names = (try? ImageFolder.names(in: sysfs)) ?? []
        return names.filter { $0.hasPrefix("video") }.compactMap { name in Int(name.dropFirst(5)).map { ($0, name) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }
}
