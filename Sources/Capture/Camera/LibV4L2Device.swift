import CV4L2
import Glibc
package import LinuxIO

/// A real camera node, through libv4l2. Closed, with its buffers unmapped, when the last reference goes.
@safe package final class LibV4L2Device: V4L2Device {
    private let fd: CInt
    private var buffers: [UnsafeMutableRawBufferPointer] = unsafe []

    /// Throws what `open` reports.
    package init(path: String) throws(SystemError) {
        fd = try retrying("open", path: path) { unsafe tsr_v4l2_open(path) }
    }

    deinit {
        unmap()
        _ = tsr_v4l2_close(fd)
    }

    package func capability() throws(SystemError) -> CameraCapability {
        var raw = tsr_v4l2_capability()
        _ = try retrying("VIDIOC_QUERYCAP") { unsafe tsr_v4l2_query(fd, &raw) }
        func text<Characters>(_ characters: Characters) -> String {
            unsafe withUnsafeBytes(of: characters) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return CameraCapability(
            card: text(raw.card), driver: text(raw.driver), bus: text(raw.bus), canCapture: raw.can_capture != 0,
            canStream: raw.can_stream != 0)
    }

    package func formats() throws(SystemError) -> [CameraFormat] {
        var formats: [CameraFormat] = []
        // Bounded: a driver that never says EINVAL must not keep us here.
        for index in 0..<UInt32(256) {
            var raw = tsr_v4l2_format_entry()
            do throws(SystemError) {
                _ = try retrying("VIDIOC_ENUM_FMT") { unsafe tsr_v4l2_format_at(fd, index, &raw) }
            } catch {
                if error.errno == EINVAL { break }
                throw error
            }
            formats.append(CameraFormat(fourcc: raw.fourcc, isEmulated: raw.is_emulated != 0))
        }
        return formats
    }

    package func setFormat(_ wanted: StreamFormat) throws(SystemError) -> StreamFormat {
        var raw = tsr_v4l2_format()
        (raw.width, raw.height, raw.fourcc) = (UInt32(wanted.width), UInt32(wanted.height), wanted.fourcc)
        _ = try retrying("VIDIOC_S_FMT") { unsafe tsr_v4l2_set_format(fd, &raw) }
        return StreamFormat(
            width: Int(raw.width), height: Int(raw.height), fourcc: raw.fourcc, rowBytes: Int(raw.row_bytes))
    }

    package func setRate(framesPerSecond: Int) throws(SystemError) -> Double {
        var (numerator, denominator): (UInt32, UInt32) = (1, UInt32(framesPerSecond))
        _ = try retrying("VIDIOC_S_PARM") { unsafe tsr_v4l2_set_interval(fd, &numerator, &denominator) }
        guard numerator > 0, denominator > 0 else { throw SystemError(call: "VIDIOC_S_PARM", errno: EINVAL) }
        return Double(denominator) / Double(numerator)
    }

    package func set(_ control: CameraControl) throws(SystemError) {
        let (id, value): (tsr_v4l2_control, Int) =
            switch control {
            case .exposureIsAutomatic(let on): (TSR_V4L2_EXPOSURE_IS_AUTOMATIC, on ? 1 : 0)
            case .exposureSteps(let steps): (TSR_V4L2_EXPOSURE_STEPS, steps)
            case .whiteBalanceIsAutomatic(let on): (TSR_V4L2_WHITE_BALANCE_IS_AUTOMATIC, on ? 1 : 0)
            case .whiteBalanceKelvin(let kelvin): (TSR_V4L2_WHITE_BALANCE_KELVIN, kelvin)
            case .powerLine(let line): (TSR_V4L2_POWER_LINE, LibV4L2Device.menuIndex(line))
            }
        _ = try retrying("VIDIOC_S_CTRL") { tsr_v4l2_set_control(fd, id, Int32(clamping: value)) }
    }

    /// As in `enum v4l2_power_line_frequency`.
    private static func menuIndex(_ line: CameraControls.PowerLine) -> Int {
        switch line {
        case .off: 0
        case .hertz50: 1
        case .hertz60: 2
        case .automatic: 3
        }
    }

    // Most drivers have no such events; then a changed picture shows as frames of a wrong length.
    package func watchFormat() { _ = tsr_v4l2_watch_format(fd) }

    package func formatHasChanged() throws(SystemError) -> Bool {
        try retrying("VIDIOC_DQEVENT") { tsr_v4l2_format_has_changed(fd) } == 1
    }

    /// Sizes and rates of a format, for people; what a driver does not list is left out.
    package func sizes(of fourcc: UInt32) -> [CameraSize] {
        var sizes: [CameraSize] = []
        for index in 0..<UInt32(64) {
            var raw = tsr_v4l2_size()
            guard unsafe tsr_v4l2_size_at(fd, fourcc, index, &raw) == 0 else { break }
            var rates: [Double] = []
            for index in 0..<UInt32(32) {
                var (numerator, denominator): (UInt32, UInt32) = (0, 0)
                let found =
                    unsafe tsr_v4l2_interval_at(fd, fourcc, raw.width, raw.height, index, &numerator, &denominator)
                guard found == 0 else { break }
                if numerator > 0 { rates.append(Double(denominator) / Double(numerator)) }
            }
            sizes.append(
                CameraSize(
                    width: Int(raw.width), height: Int(raw.height), isLargestOfRange: raw.is_largest_of_range != 0,
                    framesPerSecond: rates))
        }
        return sizes
    }

    package func makeBuffers(_ count: Int) throws(SystemError) -> Int {
        unmap()
        var granted = UInt32(count)
        _ = try retrying("VIDIOC_REQBUFS") { unsafe tsr_v4l2_request(fd, &granted) }
        for index in 0..<granted {
            var memory: UnsafeMutableRawPointer?
            var bytes = 0
            _ = try retrying("mmap") { unsafe tsr_v4l2_map(fd, index, &memory, &bytes) }
            unsafe buffers.append(UnsafeMutableRawBufferPointer(start: memory, count: bytes))
        }
        return unsafe buffers.count
    }

    package func queue(_ index: Int) throws(SystemError) {
        _ = try retrying("VIDIOC_QBUF") { tsr_v4l2_queue(fd, UInt32(index)) }
    }

    package func dequeue() throws(SystemError) -> CameraBuffer? {
        var raw = tsr_v4l2_buffer()
        do throws(SystemError) {
            _ = try retrying("VIDIOC_DQBUF") { unsafe tsr_v4l2_dequeue(fd, &raw) }
        } catch {
            if error.errno == EAGAIN { return nil }
            throw error
        }
        return CameraBuffer(
            index: Int(raw.index), bytes: Int(raw.bytes), sequence: raw.sequence, isBad: raw.is_bad != 0,
            timestampNs: raw.is_monotonic != 0 ? raw.timestamp_ns : nil)
    }

    package func copy(_ index: Int, count: Int, into bytes: inout [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        guard unsafe buffers.indices.contains(index) else { return }
        let valid = unsafe min(count, buffers[index].count)
        unsafe bytes.append(contentsOf: buffers[index][..<valid])
    }

    package func startStreaming() throws(SystemError) {
        _ = try retrying("VIDIOC_STREAMON") { tsr_v4l2_stream(fd, 1) }
    }

    package func stopStreaming() throws(SystemError) {
        _ = try retrying("VIDIOC_STREAMOFF") { tsr_v4l2_stream(fd, 0) }
    }

    package func wait(_ interruption: Interruption, timeoutNs: UInt64) throws(SystemError) -> EventSignal.Wake {
        try interruption.signal.wait(for: fd, events: true, timeoutNs: timeoutNs)
    }

    private func unmap() {
        for index in unsafe buffers.indices {
            _ = unsafe tsr_v4l2_unmap(buffers[index].baseAddress, buffers[index].count)
        }
        unsafe buffers.removeAll()
    }
}
