/// Why the socket could not be opened. The message names the path, the cause and the remedy.
package struct PublishingError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// Another process answers on this path.
        case socketInUse
        /// Something other than a socket lies at this path.
        case notASocket
        /// Empty, longer than 107 bytes, or with a NUL in it.
        case pathTooLong
        case directoryMissing
        case permissionDenied
        /// The socket handed over by the service manager cannot be used.
        case activationFailed
        /// `start()` was called twice, or after `shutdown()`.
        case notStartable
        /// Anything else the kernel says.
        case bindFailed
    }

    package let code: Code
    package let path: String
    /// One line for people.
    package let message: String
    package var description: String { message }

    package init(_ code: Code, path: String, message: String) {
        self.code = code
        self.path = path
        self.message = message
    }
}
