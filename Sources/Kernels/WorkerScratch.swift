internal import Tensors

/// Memory that one worker overwrites as it likes.
@safe package struct WorkerScratch: ~Copyable, Sendable {
    private let buffer: AlignedBuffer<UInt8>

    package init(byteCount: Int) { buffer = AlignedBuffer(count: byteCount) }

    package var byteCount: Int { buffer.count }

    /// First byte; only the worker that owns the scratch writes through it.
    var base: UnsafeMutablePointer<UInt8> { unsafe buffer.baseAddress }
}
