/// Why `tarsier-web` cannot serve: one line for people, one exit code for scripts.
package struct WebError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The codes of sysexits.h that the commands of `tarsier` use.
    package enum Code: Int32, Sendable {
        case usage = 64
        case noInput = 66
        case unavailable = 69
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
