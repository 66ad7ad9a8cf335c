import Glibc

/// The bytes of a regular file, read at once into memory of its own; freed with its owner.
///
/// Read and not mapped: touching a mapping of a file that somebody truncates meanwhile raises SIGBUS, which nothing in a
/// process can take back. A file that changes its size while it is read is an error like any other.
@safe package struct WholeFile: ~Copyable {
    /// Bytes.
    package let count: Int
    private let base: UnsafeMutableRawPointer

    /// - Parameter limit: the largest file that is accepted, in bytes.
    /// - Throws: what `open`, `fstat` or `read` report; EFBIG for a file above `limit`; EINVAL for anything that is not a
    ///   regular file (a device, a pipe), EISDIR for a folder, without waiting for a pipe's writer; ENOMEM; ESTALE for a file
    ///   that somebody else changed meanwhile.
    package init(path: String, limit: Int = 1 << 31) throws(SystemError) {
        do throws(SystemError) {
            let opened = try WholeFile.open(path)
            let size = opened.size
            guard size <= limit else { throw SystemError(call: "read", errno: EFBIG) }
            // One byte more than the file has: that it is not filled shows that nothing was appended.
            guard let memory = unsafe malloc(size + 1) else { throw SystemError(call: "malloc", errno: ENOMEM) }
            do throws(SystemError) {
                let read = try unsafe opened.file.read(upTo: size + 1, into: memory)
                guard read == size else { throw SystemError(call: "read", errno: ESTALE) }
            } catch {
                unsafe free(memory)
                throw error
            }
            unsafe (base, count) = (memory, size)
        } catch {
            throw SystemError(call: error.call, errno: error.errno, path: path)
        }
    }

    /// How long a regular file is, and its first bytes, to judge it by before all of it takes memory.
    /// - Parameter count: bytes that are wanted; there are fewer where the file is shorter.
    /// - Throws: as `init`.
    package static func head(of path: String, count: Int) throws(SystemError) -> (bytes: [UInt8], size: Int) {
        do throws(SystemError) {
            let opened = try open(path)
            var (bytes, block) = ([UInt8](), [UInt8](repeating: 0, count: count))
            while bytes.count < count {
                var span = block.mutableSpan
                let read = try opened.file.read(into: &span)
                if read == 0 { break }
                bytes += block[..<read]
            }
            return (Array(bytes.prefix(count)), opened.size)
        } catch {
            throw SystemError(call: error.call, errno: error.errno, path: path)
        }
    }

    private struct Opened: ~Copyable {
        let file: Descriptor
        let size: Int
    }

    private static func open(_ path: String) throws(SystemError) -> Opened {
        let file = try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        guard status.kind == .regular else {
            throw SystemError(call: "fstat", errno: status.kind == .directory ? EISDIR : EINVAL)
        }
        return Opened(file: file, size: status.size)
    }

    deinit { unsafe free(base) }

    /// All bytes of the file.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let span = unsafe RawSpan(_unsafeStart: base, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}

extension Descriptor {
    /// Reads until `count` bytes are there or the file ends; returns how many there are.
    fileprivate borrowing func read(upTo count: Int, into memory: UnsafeMutableRawPointer) throws(SystemError) -> Int {
        let fd = raw
        var done = 0
        while done < count {
            let (start, rest) = unsafe (memory + done, count - done)
            let read = try retrying("read") { unsafe Glibc.read(fd, start, rest) }
            if read == 0 { break }
            done += read
        }
        return done
    }
}
