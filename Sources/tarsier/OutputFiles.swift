import Daemon
import LinuxIO

#if canImport(Glibc)
import Glibc
#endif

/// Files that a command is to write, judged before its work: hours are not to end in a folder that is not there, nor in a file that
/// was to be read again.
enum OutputFiles {
    /// - Parameters:
    ///   - outputs, inputs: option and path; nil where it was left out.
    /// - Throws: `usage` where an output is an input or another output, `io` where its folder cannot be written.
    static func check(_ outputs: [(option: String, path: String?)], inputs: [(option: String, path: String?)])
        throws(Failure)
    {
        var taken: [String: String] = [:]
        for (option, path) in inputs { if let path { taken[canonical(path)] = option } }
        for (option, path) in outputs {
            guard let path else { continue }
            let name = canonical(path)
            if let other = taken[name] {
                throw Failure(.usage, "\(option): \(path) is that of \(other), too; write it elsewhere")
            }
            taken[name] = option
            let folder = AtomicFile.folder(of: path)
            guard unsafe access(folder, W_OK | X_OK) == 0 else {
                let reason = errno == ENOENT ? "there is no folder \(folder)" : "the folder \(folder) cannot be written"
                throw Failure(.io, "\(option): \(path): \(reason)")
            }
        }
    }

    /// Absolute and without links, also of a file that is not there yet.
    private static func canonical(_ path: String) -> String {
        real(path)
            ?? (real(AtomicFile.folder(of: path)).map { "\($0)/\(path.split(separator: "/").last ?? "")" } ?? path)
    }

    private static func real(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
