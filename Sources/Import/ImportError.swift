/// Why a file of another program cannot become a float model: what is wrong with it, and what to do.
package struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The file is not what it should be, or holds what this program has no operation for (exit code 65).
        case badData
        /// There is no such file (66).
        case noInput
        /// Reading failed (74).
        case io
        /// The command line does not say what the file cannot say itself (64).
        case usage
    }

    package let code: Code
    package let path: String
    /// Cause and remedy.
    package let message: String
    /// What became of the tensors, where that was found out; lists those that are missing.
    package let tensors: TensorTable

    package init(code: Code = .badData, path: String, _ message: String, tensors: TensorTable = TensorTable()) {
        (self.code, self.path, self.message, self.tensors) = (code, path, message, tensors)
    }

    package var description: String { "\(path): \(message)" }
}

/// The same without the file's name, as the stages of an importer throw it.
struct ImportFault: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
