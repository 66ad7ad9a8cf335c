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
                    .noInput, source: source, "no device: no camera here; plug one in, or use scene: to try without")
            }
            return nodes.map { "\(devices)/\($0)" }
        case .usb(let vendor, let product, let serial):
            let matching = nodes().filter { node in
                guard let ids = usbIDs(node) else { return false }
                return ids.vendor == vendor && ids.product == product && (serial == nil || ids.serial == serial)
            }
            if matching.isEmpty {
                throw CaptureError(
                    .noInput, source: source, "no device: no such USB camera is plugged in; lsusb shows what is")
            }
            return matching.map { "\(devices)/\($0)" }
        }
    }

    /// Names that stay with the camera at a path: links below /dev/v4l and the `usb=` form.
    func names(of path: String) -> [String] {
        guard let node = path.split(separator: "/").last.map(String.init) else { return [] }
        var names: [String] = []
        for folder in ["by-id", "by-path"] {
            let links = (try? ImageFolder.names(in: "\(devices)/v4l/\(folder)")) ?? []
            for link in links.sorted() {
                guard let full = unsafe realpath("\(devices)/v4l/\(folder)/\(link)", nil) else { continue }
                defer { unsafe free(full) }
                if unsafe String(cString: full).hasSuffix("/\(node)") {
                    names.append("\(devices)/v4l/\(folder)/\(link)")
                }
            }
        }
        if let ids = usbIDs(node) {
            names.append("usb=\(ids.vendor):\(ids.product)" + (ids.serial.map { ":\($0)" } ?? ""))
        }
        return names
    }

    /// Nil for what is not on USB.
    private func usbIDs(_ node: String) -> (vendor: String, product: String, serial: String?)? {
        // "device" is the USB interface; the ids are those of the USB device it belongs to.
        let parent = "\(sysfs)/\(node)/device/.."
        func field(_ name: String) -> String? {
            (try? SmallFile.text(at: "\(parent)/\(name)"))?.split(whereSeparator: \.isNewline).first.map(String.init)
        }
        guard let vendor = field("idVendor"), let product = field("idProduct") else { return nil }
        return (vendor.lowercased(), product.lowercased(), field("serial"))
    }

    private func nodes() -> [String] {
        let names = (try? ImageFolder.names(in: sysfs)) ?? []
        return names.filter { $0.hasPrefix("video") }.compactMap { name in Int(name.dropFirst(5)).map { ($0, name) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }
}
