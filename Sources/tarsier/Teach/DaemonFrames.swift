import Daemon
import LinuxIO
import TarsierClient
import Tensors

/// Frames of the running daemon, as its network saw them: for who wants some while the daemon holds the camera. One task at a
/// time.
///
/// The daemon hands them out where its configuration has `picture = on`, at most 320 pixels wide and high.
struct DaemonFrames: ~Copyable {
    private var inquirer: TarsierInquirer
    /// A subscription: without one nothing is looked at.
    private let listener: Task<Void, Never>
    let identity: String

    /// Where `specification` names a daemon: `daemon:` or `daemon:SOCKET`; nil where it names something else.
    static func socket(in specification: String) -> String? {
        guard specification.hasPrefix("daemon:") else { return nil }
        let path = specification.dropFirst("daemon:".count)
        return path.isEmpty ? TarsierClient.defaultPath : String(path)
    }

    init(socket: String) {
        inquirer = TarsierInquirer(path: socket)
        identity = "daemon:\(socket)"
        listener = Task {
            let results = TarsierClient(path: socket).events(subscription: Subscription(events: .result, maxRate: 1))
            // Its end is noticed by whoever asks for pictures.
            do { for try await _ in results {} } catch {}
        }
    }

    deinit { listener.cancel() }

    /// Waits for the next picture.
    /// - Returns: false when the daemon has none just now: its camera is away, or it rests.
    mutating func next(into frame: inout Frame) async throws -> Bool {
        let picture: Picture
        do {
            picture = try await inquirer.picture()
        } catch let error as TarsierError where error.reply?.code == .unavailable {
            return false
        } catch let error as TarsierError {
            throw Failure(error)
        }
        // The size is read from the JPEG.
        (frame.format, frame.width, frame.height, frame.strideBytes) = (.mjpeg, 0, 0, 0)
        (frame.sequence, frame.capturedNs, frame.name) = (picture.frame, picture.monotonicNs, nil)
        frame.bytes = picture.jpeg
        return true
    }
}
