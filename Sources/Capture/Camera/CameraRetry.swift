import Glibc
import LinuxIO

/// When to try a camera again: at once when something changes among the video nodes, else after a time that grows from
/// 100 ms to a second, so that a camera that is back is seen within a second also where nothing is announced.
/// Capture thread only.
package final class CameraRetry {
    static let firstDelayNs: UInt64 = 100_000_000
    static let longestDelayNs: UInt64 = 1_000_000_000
    /// A node appears before udev has given it to its group: so long "no permission" may be a matter of time.
    static let permissionGraceNs: UInt64 = 3_000_000_000

    private var delayNs = CameraRetry.firstDelayNs
    private let watch: DeviceWatch?
    private var hadFrames = false
    private var forbiddenSinceNs: UInt64?

    /// - Parameter folder: where device nodes appear.
    package init(folder: String = "/dev") { watch = DeviceWatch(folder: folder) }

    /// Frames arrive.
    package func succeeded() {
        (delayNs, hadFrames, forbiddenSinceNs) = (CameraRetry.firstDelayNs, true, nil)
    }

    /// Whether opening the camera again makes sense.
    package func isWorthwhile(after error: CaptureError) -> Bool {
        if error.code != .permission {
            forbiddenSinceNs = nil
            // A camera that will not do after one that did: another may come under the same name.
            if error.code == .configuration { return hadFrames }
            return error.code.isTransient
        }
        // A camera that we could use before: the node is new, or somebody is at work on it.
        if hadFrames { return true }
        let now = MonotonicClock.now()
        forbiddenSinceNs = forbiddenSinceNs ?? now
        return now - (forbiddenSinceNs ?? now) < CameraRetry.permissionGraceNs
    }

    /// Waits for the next try; false when it was interrupted.
    package func wait(_ interruption: Interruption) -> Bool {
        defer { delayNs = min(CameraRetry.longestDelayNs, delayNs * 2) }
        let deadline = MonotonicClock.now() + delayNs
        guard let watch else { return interruption.sleep(until: deadline) }
        while !interruption.isRaised {
            let now = MonotonicClock.now()
            if now >= deadline { return true }
            switch try? interruption.signal.wait(for: watch.descriptor, timeoutNs: deadline - now) {
            case .readable?:
                if watch.hasNews() { return true }
            case .raised?: return false
            case .timedOut?: return true
            case .failed?, .event?, nil: return interruption.sleep(until: deadline)
            }
        }
        return false
    }
}

/// Announces video nodes that come, go or change their permissions: inotify on /dev.
final class DeviceWatch {
    private let inotify: Descriptor

    /// Nil where the kernel has no more watches to give: then time alone decides.
    init?(folder: String) {
        let raw = inotify_init1(CInt(IN_NONBLOCK | IN_CLOEXEC))
        guard raw >= 0 else { return nil }
        inotify = Descriptor(owning: raw)
        guard unsafe inotify_add_watch(raw, folder, UInt32(IN_CREATE | IN_ATTRIB | IN_DELETE)) >= 0 else { return nil }
    }

    /// For `poll`: readable when there may be news.
    var descriptor: CInt { inotify.raw }

    /// Takes all events; true when one was about a video node, or when so many came that some were lost.
    func hasNews() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        var found = false
        while true {
            let count = unsafe read(inotify.raw, &bytes, bytes.count)
            guard count > 0 else { return found }
            let names = DeviceWatch.names(in: bytes[..<count])
            found = names.contains { $0 == nil || $0?.hasPrefix("video") == true } || found
        }
    }

    /// Names in a run of events; nil for an event without one. An event is 16 bytes (the last four the length of the name),
    /// then the name, padded with zeros.
    static func names(in bytes: ArraySlice<UInt8>) -> [String?] {
        var names: [String?] = []
        var rest = bytes
        while rest.count >= 16 {
            let length = (0..<4).reduce(0) { $0 | Int(rest[rest.startIndex + 12 + $1]) << (8 * $1) }
            guard rest.count >= 16 + length else { return names }
            let name = rest.dropFirst(16).prefix(length).prefix { $0 != 0 }
            names.append(name.isEmpty ? nil : String(decoding: name, as: UTF8.self))
            rest = rest.dropFirst(16 + length)
        }
        return names
    }
}
