import Glibc
import Kernels
import LinuxIO

/// Where an operand lies relative to its surroundings.
enum Placement: String, Sendable {
    /// Bands of known bytes around it, at an odd address: shows writes that go astray, and reliance on alignment.
    case canaries = "between canaries"
    /// Ends where an unreadable page begins.
    case beforeGuard = "ending at a guard page"
    /// Begins where an unreadable page ends.
    case afterGuard = "starting behind a guard page"
    /// On a cache line, as in the engine's arena: for measuring.
    case aligned = "on a cache line"
}

/// One operand of a kernel. The only place of the harness that knows addresses; no view made here may outlive it.
@safe final class Memory {
    /// Bytes of the operand itself.
    let count: Int
    /// Bytes of canary before and after it.
    let margin: Int
    private let buffer: GuardedBuffer

    static let canary: UInt8 = 0x99

    /// Zero-filled.
    /// - Parameter alignment: bytes the element type asks for; `canaries` keeps to it and to nothing more.
    init(count: Int, _ placement: Placement, alignment: Int = 1) throws(SystemError) {
        self.count = count
        margin =
            switch placement {
            case .canaries: 256 - alignment
            case .aligned: 256
            case .beforeGuard, .afterGuard: 0
            }
        buffer = try GuardedBuffer(count: count + 2 * margin, edge: placement == .beforeGuard ? .end : .start)
    }

    /// Bytes of margins and operand together.
    var totalCount: Int { count + 2 * margin }

    private var base: UnsafeMutablePointer<UInt8> {
        unsafe buffer.baseAddress.assumingMemoryBound(to: UInt8.self) + margin
    }

    /// Overwrites the operand from an offset on; a negative one reaches into the margin.
    func store(_ bytes: [UInt8], at offset: Int = 0) {
        precondition(offset >= -margin && offset + bytes.count <= count + margin)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { unsafe memcpy(base + offset, start, source.count) }
        }
    }

    /// Margins and operand.
    func snapshot() -> [UInt8] {
        unsafe [UInt8](UnsafeBufferPointer(start: base - margin, count: totalCount))
    }

    /// Reads one byte, also where the operand does not reach: dies there when a guard page is near.
    func touch(_ offset: Int) -> UInt8 { unsafe base[offset] }

    func pixels(rows: Int, width: Int, channels: Int, rowStride: Int, pixelStride: Int) -> PixelsView {
        unsafe PixelsView(
            base: base, rows: rows, width: width, channels: channels, rowStride: rowStride, pixelStride: pixelStride)
    }

    func panel(rows: Int, width: Int, blocks: Int) -> PanelView {
        unsafe PanelView(base: base, rows: rows, width: width, blocks: blocks)
    }

    func picture(height: Int, width: Int) -> PictureView {
        unsafe PictureView(base: UnsafePointer(base), height: height, width: width)
    }

    /// Lends the operand as floats.
    func withFloats(_ body: (inout MutableSpan<Float>) -> Void) {
        unsafe UnsafeMutableRawPointer(base).withMemoryRebound(to: Float.self, capacity: count / 4) { floats in
            var span = unsafe MutableSpan(_unsafeStart: floats, count: count / 4)
            body(&span)
        }
    }

    /// Address of the byte at an offset, for row pointers.
    fileprivate func address(_ offset: Int) -> UnsafeMutablePointer<UInt8> { unsafe base + offset }
}

/// Quad rows, each in memory of its own, so that each has its own canaries or guard page.
@safe final class QuadMemory {
    let rows: [Memory]
    let width: Int
    let blocks: Int
    private let pointers: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>

    init(rows: Int, width: Int, blocks: Int, _ placement: Placement) throws(SystemError) {
        let bytes = blocks * QuadLayout.blockStride(width: width)
        var memories: [Memory] = []
        for _ in 0..<rows { memories.append(try Memory(count: bytes, placement)) }
        self.rows = memories
        self.width = width
        self.blocks = blocks
        unsafe pointers = .allocate(capacity: rows)
        for (index, memory) in memories.enumerated() {
            unsafe (pointers + index).initialize(to: memory.address(QuadLayout.cellBytes))
        }
    }

    deinit { unsafe pointers.deallocate() }

    var view: QuadRows { unsafe QuadRows(pointers: pointers, count: rows.count, width: width, blocks: blocks) }
}

/// Whether two byte strings are equal. Debug builds compare arrays of bytes one by one, so this asks the C library.
func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    return unsafe a.withUnsafeBytes { a in
        unsafe b.withUnsafeBytes { b in
            guard let a = a.baseAddress, let start = b.baseAddress else { return true }
            return unsafe memcmp(a, start, b.count) == 0
        }
    }
}

/// Copies ranges from one byte string to another of the same length.
func overlay(_ ranges: [Range<Int>], of source: [UInt8], onto target: inout [UInt8], shiftedBy shift: Int) {
    precondition(source.count == target.count)
    unsafe source.withUnsafeBytes { source in
        unsafe target.withUnsafeMutableBytes { target in
            guard let from = source.baseAddress, let to = target.baseAddress else { return }
            for range in ranges {
                let start = range.lowerBound + shift
                unsafe memcpy(to + start, from + start, range.count)
            }
        }
    }
}
