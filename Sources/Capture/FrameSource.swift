package import LinuxIO
import Synchronization
package import Tensors

/// Where frames come from. Made, used and dropped by one capture thread; only its `interruption` goes to other threads.
package protocol FrameSource: AnyObject {
    /// What it is, for `hello` and for messages, such as "v4l2:/dev/video0 (HD Webcam)".
    var identity: String { get }
    /// Live sources run by their own clock: a frame that nobody takes is replaced by the next. Others are replayed in
    /// order, and the reader decides the pace.
    var isLive: Bool { get }
    /// Frames that the source itself has thrown away so far.
    var losses: FrameLosses { get }
    /// What the source could not do as it was asked, for people; it works without.
    var notes: [String] { get }
    /// What makes a blocked `next` return.
    var interruption: Interruption { get }
    /// Frames taken before `ns` of the monotonic clock are of no use: a source may leave them out, uncounted.
    func skip(before ns: UInt64)
    /// Waits for the next frame and puts it into `frame`, whose storage is reused.
    /// - Returns: false at the end of the stream, and soon after `interruption` was raised.
    func next(into frame: inout Frame) throws(CaptureError) -> Bool
}

/// Frames that came from the camera and were not given on.
package struct FrameLosses: Hashable, Sendable {
    /// A newer one was there already.
    package var superseded: UInt64 = 0
    /// Marked bad by the driver, cut short, or not what was agreed on.
    package var damaged: UInt64 = 0
    package init(superseded: UInt64 = 0, damaged: UInt64 = 0) {
        (self.superseded, self.damaged) = (superseded, damaged)
    }
}

extension FrameSource {
    package var notes: [String] { [] }

    package func skip(before ns: UInt64) {}

    /// Makes a blocked or later `next` return false. (From another thread, keep `interruption` and raise that.)
    package func interrupt() { interruption.raise() }
}

/// Stops a capture thread from any other thread; stays raised.
package final class Interruption: Sendable {
    package let signal: EventSignal
    private let flag = Atomic(false)

    package init() throws(CaptureError) {
        do throws(SystemError) { signal = try EventSignal() } catch { throw CaptureError(error, source: "capture") }
    }

    /// Any thread, also a signal handler's.
    package func raise() {
        flag.store(true, ordering: .releasing)
        signal.raise()
    }

    package var isRaised: Bool { flag.load(ordering: .acquiring) }

    /// Sleeps until `deadlineNs` of the monotonic clock; false when it was interrupted before.
    package func sleep(until deadlineNs: UInt64) -> Bool {
        while !isRaised {
            let now = MonotonicClock.now()
            if now >= deadlineNs { return true }
            // poll ignores a negative descriptor; it fails only for lack of kernel memory: then ask again.
            _ = try? signal.wait(for: -1, timeoutNs: deadlineNs - now)
        }
        return false
    }
}
