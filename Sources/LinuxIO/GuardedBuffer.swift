import Glibc

/// Memory with an unreadable page directly after its last byte (and one somewhere before its first): a kernel that reads
/// or writes one byte too far dies at once with SIGSEGV. For tests of kernels; canaries cannot see over-reads.
@safe package struct GuardedBuffer: ~Copyable {
    /// Which end of the data touches its guard page.
    package enum Edge: Sendable {
        /// The byte after the last is unreadable; the first byte has whatever alignment follows.
        case end
        /// The byte before the first is unreadable; the first byte is page-aligned.
        case start
    }

    /// Bytes of data.
    package let count: Int
    private let mapping: UnsafeMutableRawPointer
    private let mappingBytes: Int
    private let data: UnsafeMutableRawPointer

    /// Zero-filled. Throws ENOMEM when there is no room.
    package init(count: Int, edge: Edge = .end) throws(SystemError) {
        precondition(count >= 0, "a buffer has no negative size")
        let page = sysconf(CInt(_SC_PAGESIZE))
        let dataPages = max(1, (count + page - 1) / page)
        let bytes = (dataPages + 2) * page
        let mapped = unsafe mmap(nil, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let code = errno
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SystemError(call: "mmap", errno: code)
        }
        let usable = unsafe mapped + page
        guard unsafe mprotect(usable, dataPages * page, PROT_READ | PROT_WRITE) == 0 else {
            let code = errno
            unsafe munmap(mapped, bytes)
            throw SystemError(call: "mprotect", errno: code)
        }
        self.count = count
        mappingBytes = bytes
        unsafe mapping = mapped
        unsafe data = edge == .start ? usable : usable + (dataPages * page - count)
    }

    deinit { unsafe munmap(mapping, mappingBytes) }

    /// First byte of the data. Valid while the buffer lives.
    @unsafe package var baseAddress: UnsafeMutableRawPointer { unsafe data }

    package var bytes: RawSpan {
        @_lifetime(borrow self)
        borrowing get {
            let span = unsafe RawSpan(_unsafeStart: data, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    package var mutableBytes: MutableRawSpan {
        @_lifetime(&self)
        mutating get {
            let span = unsafe MutableRawSpan(_unsafeStart: data, byteCount: count)
            return unsafe _overrideLifetime(span, mutating: &self)
        }
    }
}
