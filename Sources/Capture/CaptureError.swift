import Glibc
package import LinuxIO

/// Why a source gives no frames: the thing, the cause and the remedy in one line. The code tells the daemon whether to try
/// again and the program how to exit.
package struct CaptureError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The source string makes no sense (exit 64).
        case usage
        /// A file, folder or device that is not there, or a folder without pictures (66).
        case noInput
        /// A device that cannot do what is needed (69).
        case unavailable
        /// Not allowed (77).
        case permission
        /// A stream that is not what it should be (65).
        case badData
        /// The kernel reports an I/O error (74).
        case io
        /// Another program holds the device (69).
        case busy
        /// The camera sends nothing (69).
        case timedOut
        /// The camera went away while it was in use (69).
        case disconnected
        /// The camera sends something else than was agreed on (69).
        case changed
        /// What the configuration asks for cannot be had of this camera (78).
        case configuration

        /// Whether the same camera may work again in a while, so that opening it again makes sense.
        package var isTransient: Bool {
            switch self {
            case .noInput, .unavailable, .io, .busy, .timedOut, .disconnected, .changed: true
            case .usage, .permission, .badData, .configuration: false
            }
        }
    }
    package let code: Code
    /// What it is about: a path or a source string.
    package let source: String
    /// Cause and remedy.
    package let message: String

    package init(_ code: Code, source: String, _ message: String) {
        self.code = code
        self.source = source
        self.message = message
    }

    /// From a failed call on a file or device.
    package init(_ error: SystemError, source: String) {
        let (code, remedy) = CaptureError.judge(error.errno)
        self.init(code, source: source, "\(error.call): \(error.reason)" + (remedy.isEmpty ? "" : "; \(remedy)"))
    }

    private static func judge(_ errno: CInt) -> (Code, String) {
        switch errno {
        case ENOENT, ENOTDIR, EISDIR: (.noInput, "check the path")
        case ENXIO, ENODEV: (.noInput, "it is no file that can be read, maybe a socket")
        case EACCES, EPERM: (.permission, "add the user to the group that owns it (cameras: video)")
        case EBUSY: (.busy, "stop the other program that uses it")
        case ETIMEDOUT: (.timedOut, "")
        case EFBIG: (.badData, "the file is too large")
        default: (.io, "")
        }
    }
}

extension CaptureError: CustomStringConvertible {
    package var description: String { "\(source): \(message)" }
}
