import Glibc

/// A regular file mapped for reading; unmapped with its owner. An empty file is an empty mapping.
///
/// Private mapping of a file that nobody should truncate meanwhile: Tarsier replaces its own files by rename
/// (`AtomicFile`), which leaves a mapping of the old file whole.
@safe package struct MappedFile: ~Copyable {
    /// Bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer?

    /// - Parameter limit: the largest file that is accepted, in bytes.
    /// - Throws: what `open`, `fstat` or `mmap` report; EFBIG for a file above `limit`; EINVAL for anything that is not a
    ///   regular file (a folder, a device, a pipe), without waiting for a pipe's writer.
    package init(path: String, limit: Int = 1 << 31) throws(SystemError) {
        (unsafe base, count) = try unsafe MappedFile.map(path: path, limit: limit)
    }

    deinit { if let base = unsafe base { unsafe munmap(base, count) } }

    /// All bytes of the file.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let span = unsafe RawSpan(_unsafeStart: base ?? MappedFile.nowhere, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    private static func map(path: String, limit: Int) throws(SystemError) -> (UnsafeMutableRawPointer?, Int) {
        let file = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        let status: FileStatus
        do { status = try file.status() } catch { throw SystemError(call: error.call, errno: error.errno, path: path) }
        guard status.kind == .regular else {
            throw SystemError(call: "map", errno: status.kind == .directory ? EISDIR : EINVAL, path: path)
        }
        guard status.size <= limit else { throw SystemError(call: "map", errno: EFBIG, path: path) }
        guard status.size > 0 else { return (nil, 0) }
        let mapped = unsafe mmap(nil, status.size, PROT_READ, MAP_PRIVATE, file.raw, 0)
        let code = errno
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SystemError(call: "mmap", errno: code, path: path)
        }
        return unsafe (mapped, status.size)
    }

    /// Start of an empty mapping: never read.
    private static var nowhere: UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(bitPattern: 64).unsafelyUnwrapped
    }
}
