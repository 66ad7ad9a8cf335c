import Glibc
import LinuxIO
import Tensors

@testable import Capture

/// A camera that does what a test tells it, call by call.
final class FakeCamera: V4L2Device {
    enum Event {
        /// A wait that finds these buffers ready.
        case buffers([CameraBuffer])
        case wake(EventSignal.Wake)
        /// A wait that finds the device readable while dequeuing fails so.
        case dequeueFails(CInt, EventSignal.Wake = .readable)
        case waitFails(CInt)
    }

    var info = CameraCapability(card: "Fake", driver: "fake", bus: "fake:0", canCapture: true, canStream: true)
    var offered = [CameraFormat(fourcc: PixelFormat.mjpeg.fourcc, isEmulated: false)]
    /// What the driver gives for a wish.
    var choose: (StreamFormat) -> StreamFormat = { wanted in
        var given = wanted
        given.rowBytes = 0
        return given
    }
    /// Error numbers by the name of the call.
    var failures: [String: CInt] = [:]
    var grantedBuffers = 4
    var formatChanged = false
    /// Codes on offer that the driver refuses all the same.
    var refused: Set<UInt32> = []
    var isJPEG = true
    var events: [Event] = []

    private(set) var asked: [StreamFormat] = []
    private(set) var controls: [CameraControl] = []
    private(set) var queued: Set<Int> = []
    private(set) var isStreaming = false
    private(set) var log: [String] = []
    private var ready: [CameraBuffer] = []
    private var dequeueError: CInt?

    private func call(_ name: String) throws(SystemError) {
        log.append(name)
        if let code = failures[name] { throw SystemError(call: name, errno: code) }
    }

    func capability() throws(SystemError) -> CameraCapability {
        try call("QUERYCAP")
        return info
    }

    func formats() throws(SystemError) -> [CameraFormat] {
        try call("ENUM_FMT")
        return offered
    }

    func setFormat(_ wanted: StreamFormat) throws(SystemError) -> StreamFormat {
        try call("S_FMT")
        asked.append(wanted)
        if refused.contains(wanted.fourcc) { throw SystemError(call: "VIDIOC_S_FMT", errno: EINVAL) }
        return choose(wanted)
    }

    func setRate(framesPerSecond: Int) throws(SystemError) -> Double {
        try call("S_PARM")
        return Double(framesPerSecond)
    }

    func set(_ control: CameraControl) throws(SystemError) {
        try call("S_CTRL \(control.name)")
        controls.append(control)
    }

    func watchFormat() {}

    func formatHasChanged() throws(SystemError) -> Bool {
        try call("DQEVENT")
        return formatChanged
    }

    func makeBuffers(_ count: Int) throws(SystemError) -> Int {
        try call("REQBUFS")
        return grantedBuffers
    }

    func queue(_ index: Int) throws(SystemError) {
        try call("QBUF")
        precondition(queued.insert(index).inserted, "buffer \(index) was queued twice")
    }

    func dequeue() throws(SystemError) -> CameraBuffer? {
        if let code = dequeueError { throw SystemError(call: "VIDIOC_DQBUF", errno: code) }
        if ready.isEmpty { return nil }
        let buffer = ready.removeFirst()
        precondition(queued.remove(buffer.index) != nil, "buffer \(buffer.index) was not queued")
        return buffer
    }

    func copy(_ index: Int, count: Int, into bytes: inout [UInt8]) {
        precondition(!queued.contains(index), "buffer \(index) belongs to the driver")
        bytes = [UInt8](repeating: UInt8(index), count: count)
        // A JPEG, by its first two bytes.
        if isJPEG, count >= 2 { (bytes[0], bytes[1]) = (0xFF, 0xD8) }
    }

    func startStreaming() throws(SystemError) {
        try call("STREAMON")
        isStreaming = true
    }

    func stopStreaming() throws(SystemError) {
        try call("STREAMOFF")
        isStreaming = false
    }

    func wait(_ interruption: Interruption, timeoutNs: UInt64) throws(SystemError) -> EventSignal.Wake {
        if interruption.isRaised { return .raised }
        guard !events.isEmpty else { return .timedOut }
        switch events.removeFirst() {
        case .buffers(let buffers):
            ready = buffers
            return .readable
        case .wake(let wake): return wake
        case .dequeueFails(let code, let wake):
            dequeueError = code
            return wake
        case .waitFails(let code): throw SystemError(call: "poll", errno: code)
        }
    }

    static func buffer(_ index: Int, bytes: Int = 100, bad: Bool = false, at ns: UInt64? = nil) -> CameraBuffer {
        CameraBuffer(index: index, bytes: bytes, sequence: 0, isBad: bad, timestampNs: ns)
    }
}
