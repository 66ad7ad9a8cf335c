package import Graphs

/// Why a network could not be quantized.
package struct QuantizationError: Error, Hashable, Sendable {
    package enum Code: Hashable, Sendable {
        /// The network cannot be quantized (exit code 65).
        case badData
        /// There is no calibration picture, or one could not be prepared (66).
        case noInput
    }

    package let code: Code
    /// Cause and remedy.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package init(_ error: GraphError) { self.init(code: .badData, message: error.description) }
}

extension QuantizationError: CustomStringConvertible {
    package var description: String { message }
}
