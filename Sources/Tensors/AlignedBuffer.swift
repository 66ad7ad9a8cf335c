/// Owned, zero-filled memory whose first byte lies on a cache line (or on a larger power of two). Freed with its owner.
@safe package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable {
    /// Number of elements.
    package let count: Int
    private let base: UnsafeMutablePointer<Element>

    /// - Parameters:
    ///   - count: elements; 0 is allowed.
    ///   - alignment: bytes, a power of two; 64 is a cache line and one AVX-512 register.
    package init(count: Int, alignment: Int = 64) {
        precondition(count >= 0 && alignment > 0 && alignment & (alignment - 1) == 0)
        self.count = count
        let bytes = max(1, count * MemoryLayout<Element>.stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: max(alignment, 16))
        unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe self.base = raw.assumingMemoryBound(to: Element.self)
    }

    deinit { unsafe base.deallocate() }

    /// First element, for the C edge only. Valid while the buffer lives; whoever holds it sees to it that no two
    /// threads write one element.
    @unsafe package var baseAddress: UnsafeMutablePointer<Element> { unsafe base }
}

// Safety: the buffer is the only owner of its memory.
extension AlignedBuffer: @unchecked Sendable where Element: Sendable {}
