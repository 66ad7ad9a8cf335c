internal import LinuxIO

#if canImport(Glibc)
internal import Glibc
#endif

/// Small files that the administrator names.
enum FileBytes {
    /// - Parameters:
    ///   - what: how messages call the file, such as "the token file".
    ///   - limit: most bytes.
    static func read(_ path: String, _ what: String, limit: Int) throws(WebError) -> [UInt8] {
        do throws(SystemError) {
            let file = try WholeFile(path: path, limit: limit)
            return unsafe file.bytes.withUnsafeBytes { unsafe Array($0) }
        } catch {
            let code: WebError.Code =
                switch error.errno {
                case EACCES, EPERM: .permission
                case EFBIG: .configuration
                default: .noInput
                }
            let reason = error.errno == EFBIG ? "more than \(limit) bytes" : error.reason
            throw WebError(code, "cannot read \(what) \(path): \(reason); check the path and its permissions")
        }
    }
}
