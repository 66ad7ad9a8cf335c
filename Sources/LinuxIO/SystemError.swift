import CLinux
import Glibc

/// A system call that failed: which one, why, and on what. Made in one place, `retrying`, which reads errno at once.
package struct SystemError: Error, Hashable, Sendable {
    /// Name of the call, as in `man 2`.
    package let call: String
    /// The error number, as in `errno.h`.
    package let errno: CInt
    /// File the call was about, where there is one.
    package let path: String?
    /// What was done all the same, where nobody would expect it.
    package let remark: String?

    package init(call: String, errno: CInt, path: String? = nil, remark: String? = nil) {
        self.call = call
        self.errno = errno
        self.path = path
        self.remark = remark
    }

    /// The error number in words, such as "No such file or directory".
    package var reason: String {
        var text = [CChar](repeating: 0, count: 128)
        unsafe tsr_error_text(errno, &text, text.count)
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        (path.map { "\($0): " } ?? "") + "\(call): \(reason)" + (remark.map { "; \($0)" } ?? "")
    }
}

/// Runs one system call that answers -1 on failure: again when a signal interrupted it, and as a typed error otherwise.
///
/// Nothing may run between the call and the reading of errno, so `body` holds the call and nothing else.
@inline(__always)
package func retrying<Result: FixedWidthInteger & SignedInteger>(
    _ call: String, path: String? = nil, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        let code = errno
        if code != EINTR { throw SystemError(call: call, errno: code, path: path) }
    }
}
