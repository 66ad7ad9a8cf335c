import Glibc
import LinuxIO
package import Tensors

/// Pictures that the program draws itself: seven views, each for three seconds, fading into the next. Needs nothing, and frame
/// number n is the same picture on every machine (up to the last bit of float rounding).
package final class SceneSource: FrameSource {
    package static let framesPerSecond = 10
    /// Frames that one view lasts, of which the last `fadeFrames` fade into the next.
    static let viewFrames = 30
    static let fadeFrames = 5

    package let identity = "scene:"
    package let isLive: Bool
    package private(set) var losses = FrameLosses()
    package let interruption: Interruption
    private let views: [(name: String, view: any SceneView)]
    private var canvas: Canvas
    private var second: Canvas
    private var count: UInt64 = 0
    /// Monotonic time of frame 0, once it is known.
    private var startNs: UInt64?
    /// While it exists there are no frames.
    private let unplugging: String?

    /// - Parameters:
    ///   - realtime: pace the frames at 10 a second and skip those that nobody had time for; else as fast as asked.
    ///   - file: while it exists, reading fails as with a camera that is not plugged in.
    package convenience init(realtime: Bool, unpluggedBy file: String? = nil, interruption: Interruption) {
        self.init(realtime: realtime, step: 1, unpluggedBy: file, interruption: interruption)
    }

    /// - Parameter step: keep only every so many pixels, for quick tests.
    init(realtime: Bool, step: Int, unpluggedBy file: String? = nil, interruption: Interruption) {
        unplugging = file
        isLive = realtime
        canvas = Canvas(step: step)
        second = Canvas(step: step)
        self.interruption = interruption
        let backdrop = Backdrop()
        views = [
            ("sea", SeaView(backdrop: backdrop)), ("mountain", MountainView(backdrop: backdrop)),
            ("forest", ForestView(backdrop: backdrop)), ("street", StreetView(backdrop: backdrop)),
            ("building", BuildingView(backdrop: backdrop)), ("house", HouseView(backdrop: backdrop)),
            ("car", CarView(backdrop: backdrop)),
        ]
    }

    /// What the views show, in order.
    package var viewNames: [String] { views.map(\.name) }

    /// Never ends by itself; false only after an interruption.
    package func next(into frame: inout Frame) throws(CaptureError) -> Bool {
        if interruption.isRaised || (isLive && !pace()) { return false }
        try checkPlug()
        frame.capturedNs = MonotonicClock.now()
        draw(count, into: &frame)
        count += 1
        return true
    }

    private func checkPlug() throws(CaptureError) {
        guard let unplugging, unsafe access(unplugging, F_OK) == 0 else { return }
        throw CaptureError(.disconnected, source: identity, "unplugged: \(unplugging) exists; remove it")
    }

    /// Waits until the frame is due; frames whose successor is due already are skipped.
    private func pace() -> Bool {
        let interval = 1_000_000_000 / UInt64(SceneSource.framesPerSecond)
        let now = MonotonicClock.now()
        let start = startNs ?? now
        startNs = start
        let due = (now - start) / interval
        if due > count {
            losses.superseded += due - count
            count = due
        }
        return interruption.sleep(until: start + count * interval)
    }

    /// Draws frame `number` as RGB.
    package func draw(_ number: UInt64, into frame: inout Frame) {
        let cycle = UInt64(SceneSource.viewFrames * views.count)
        let place = Int(number % cycle)
        let (index, within) = (place / SceneSource.viewFrames, place % SceneSource.viewFrames)
        let rate = Float(SceneSource.framesPerSecond)
        // A fade begins before the next view's own time, so that time starts at -fade.
        views[index].view.draw(on: &canvas, time: Float(within) / rate)
        let fade = within - (SceneSource.viewFrames - SceneSource.fadeFrames)
        if fade >= 0 {
            let before = Float(within - SceneSource.viewFrames) / rate
            views[(index + 1) % views.count].view.draw(on: &second, time: before)
            canvas.blend(second, weight: (fade + 1) * 256 / (SceneSource.fadeFrames + 1))
        }
        (frame.format, frame.width, frame.height) = (.rgb24, Canvas.width / canvas.step, Canvas.height / canvas.step)
        (frame.strideBytes, frame.sequence, frame.name) = (frame.width * 3, number, nil)
        // The picture goes and an older one's storage comes to be drawn over: views draw every pixel.
        swap(&frame.bytes, &canvas.pixels)
        canvas.resize()
    }
}
