import Glibc
package import LinuxIO

/// A model or weights file that cannot be used: which, why, and what to do about it.
package struct ModelFileError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The file is there and readable, but it is not what it should be (exit code 65).
        case badData
        /// There is no such file (66).
        case noInput
        /// Reading or writing failed (74).
        case io
    }

    package let code: Code
    /// The file; `(bytes)` when it was parsed from memory.
    package let path: String
    /// Cause and remedy.
    package let message: String

    package init(code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }

    static func badData(_ path: String, _ message: String) -> ModelFileError {
        ModelFileError(code: .badData, path: path, message: message)
    }

    /// The file could not be opened or read.
    package init(reading path: String, _ error: SystemError) {
        switch error.errno {
        case ENOENT, ENOTDIR:
            self.init(code: .noInput, path: path, message: "no such file; check the path")
        case EISDIR:
            self.init(code: .noInput, path: path, message: "is a folder; name a .safetensors file")
        case EINVAL where error.call == "fstat":
            self.init(code: .noInput, path: path, message: "is not a regular file; name a .safetensors file")
        case ESTALE:
            self.init(
                code: .io, path: path,
                message: "was changed while it was read; write a new file and rename it over the old one")
        case EFBIG:
            self.init(code: .badData, path: path, message: "is larger than any model; is it the right file?")
        default:
            self.init(code: .io, path: path, message: "cannot be read: \(error.call): \(error.reason)")
        }
    }

    /// The file could not be written.
    package init(writing path: String, _ error: SystemError) {
        let message =
            error.remark.map { "\(error.call): \(error.reason); \($0)" }
            ?? "cannot be written: \(error.call): \(error.reason); check the folder and its free space"
        self.init(code: .io, path: path, message: message)
    }
}

extension ModelFileError: CustomStringConvertible {
    package var description: String { "\(path): \(message)" }
}
