package import Glibc

/// Owns one open file descriptor and closes it with its last use. Blocking unless opened otherwise; one thread at a time.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that this type does not wrap; never close it.
    package let raw: CInt

    /// Takes over a descriptor that is already open.
    package init(owning raw: CInt) {
        precondition(raw >= 0, "a descriptor is not negative")
        self.raw = raw
    }

    /// Opens a file; close-on-exec is always set. Throws what `open` reports.
    package init(opening path: String, flags: CInt = O_RDONLY, mode: mode_t = 0o644) throws(SystemError) {
        raw = try retrying("open", path: path) { unsafe open(path, flags | O_CLOEXEC, mode) }
    }

    deinit { _ = Glibc.close(raw) }

    /// Reads at most `bytes.count` bytes to the front of `bytes`; 0 is the end of the file.
    package borrowing func read(into bytes: inout MutableSpan<UInt8>) throws(SystemError) -> Int {
        let fd = raw
        return try unsafe bytes.withUnsafeMutableBufferPointer { (buffer) throws(SystemError) in
            let (base, count) = (buffer.baseAddress, buffer.count)
            return try retrying("read") { unsafe Glibc.read(fd, base, count) }
        }
    }

    /// Writes all bytes, in as many calls as it takes.
    package borrowing func writeAll(_ bytes: RawSpan) throws(SystemError) {
        let fd = raw
        try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
            var done = 0
            while done < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                let (base, count) = (rest.baseAddress, rest.count)
                done += try retrying("write") { unsafe Glibc.write(fd, base, count) }
            }
        }
    }

    /// What the file is and how large. Throws what `fstat` reports.
    package borrowing func status() throws(SystemError) -> FileStatus {
        var raw = stat()
        let fd = self.raw
        _ = try unsafe withUnsafeMutablePointer(to: &raw) { (pointer) throws(SystemError) in
            try retrying("fstat") { unsafe fstat(fd, pointer) }
        }
        return FileStatus(raw)
    }

    /// Waits until what was written is on the disk.
    package borrowing func sync() throws(SystemError) {
        let fd = raw
        _ = try retrying("fsync") { fsync(fd) }
    }

    /// Locks the file against others that ask, flock(2), until it is closed; false when another has locked it.
    package borrowing func lock() throws(SystemError) -> Bool {
        let fd = raw
        do throws(SystemError) {
            _ = try retrying("flock") { flock(fd, LOCK_EX | LOCK_NB) }
            return true
        } catch {
            if error.errno == EWOULDBLOCK { return false }
            throw error
        }
    }

    /// Gives the descriptor away, open; whoever takes the number closes it.
    package consuming func release() -> CInt {
        let fd = raw
        discard self
        return fd
    }

    /// Closes now and reports a failure, which for a written file may be the only sign that data was lost.
    package consuming func close() throws(SystemError) {
        let fd = raw
        discard self
        // On Linux the descriptor is gone even when close fails, EINTR included: never try again.
        if Glibc.close(fd) == -1 {
            let code = errno
            if code != EINTR { throw SystemError(call: "close", errno: code) }
        }
    }
}

/// The part of `struct stat` that is asked for.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Sendable { case regular, directory, characterDevice, fifo, socket, other }
    package let kind: Kind
    /// Bytes; meaningful for regular files.
    package let size: Int
    /// Device number of a device node.
    package let device: UInt64
    /// The owning group's number.
    package let group: UInt32
    /// Who may do what, such as 0o660.
    package let permissions: UInt32
    /// Names that the file has; 0 once it is removed.
    package let links: Int

    init(_ raw: stat) {
        kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFCHR: .characterDevice
            case S_IFIFO: .fifo
            case S_IFSOCK: .socket
            default: .other
            }
        size = Int(raw.st_size)
        device = UInt64(raw.st_rdev)
        group = raw.st_gid
        permissions = raw.st_mode & 0o7777
        links = Int(raw.st_nlink)
    }

    /// Status of the file that `path` leads to, through symbolic links.
    package init(of path: String) throws(SystemError) {
        var raw = stat()
        _ = try unsafe withUnsafeMutablePointer(to: &raw) { (pointer) throws(SystemError) in
            try retrying("stat", path: path) { unsafe stat(path, pointer) }
        }
        self.init(raw)
    }
}
