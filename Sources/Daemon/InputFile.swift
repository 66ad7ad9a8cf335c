internal import LinuxIO

#if canImport(Glibc)
internal import Glibc
#endif

/// Reading a whole file, or standard input, within a limit.
package enum InputFile {
    /// - Parameter path: `-` is standard input.
    /// - Throws: `noInput` when it is not there, `permission`, `badData` when it is larger than the limit, `io`.
    package static func bytes(at path: String, limit: Int) throws(Failure) -> [UInt8] {
        do throws(SystemError) {
            return try path == "-"
                ? SmallFile.bytes(ofStandardInput: limit) : SmallFile.bytes(at: path, limit: limit)
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: throw Failure(.noInput, "\(path): no such file; check the path")
            case EISDIR: throw Failure(.noInput, "\(path): is a folder; name a file")
            case EACCES, EPERM: throw Failure(.permission, "\(path): may not be read; check its permissions")
            case EFBIG: throw Failure(.badData, "\(path): is larger than \(limit >> 20) MiB")
            default: throw Failure(.io, "\(path): \(error)")
            }
        }
    }
}
