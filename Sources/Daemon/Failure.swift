package import Capture
package import Graphs
package import Imaging
package import LinuxIO
package import Planning
package import Publishing

#if canImport(Glibc)
internal import Glibc
#endif

/// Why a command ends without success: one line for people, one exit code for scripts.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The codes of sysexits.h that the contract names.
    package enum Code: Int32, Sendable {
        case other = 1
        /// A quality floor was missed.
        case belowFloor = 3
        case usage = 64
        case badData = 65
        case noInput = 66
        case unavailable = 69
        case `internal` = 70
        case io = 74
        case permission = 77
        case configuration = 78
    }

    package let code: Code
    /// Names the thing, the cause and the remedy.
    package let message: String

    package var description: String { message }

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension Failure {
    package init(_ error: ModelFileError) {
        let code: Code =
            switch error.code {
            case .badData: .badData
            case .noInput: .noInput
            case .io: .io
            }
        self.init(code, "\(error)")
    }

    package init(_ error: PlanningError) {
        self.init(.badData, "the model cannot be run here: \(error)")
    }

    package init(_ error: GraphError) {
        self.init(.badData, "the network is not valid: \(error)")
    }

    package init(_ error: SystemError) {
        self.init(error.errno == EACCES || error.errno == EPERM ? .permission : .io, "\(error)")
    }

    package init(_ error: PublishingError) {
        let code: Code =
            switch error.code {
            case .socketInUse, .bindFailed: .unavailable
            case .notASocket, .pathTooLong, .directoryMissing: .configuration
            case .permissionDenied: .permission
            case .activationFailed: .configuration
            case .notStartable: .internal
            }
        self.init(code, error.message)
    }

    package init(_ error: ImagingError) {
        self.init(.badData, "\(error)")
    }

    package init(_ error: CaptureError) {
        let code: Code =
            switch error.code {
            case .usage: .usage
            case .noInput: .noInput
            case .unavailable, .busy, .timedOut, .disconnected, .changed: .unavailable
            case .permission: .permission
            case .badData: .badData
            case .io: .io
            case .configuration: .configuration
            }
        self.init(code, "\(error)")
    }
}
