import Kernels

/// Which bytes of an output a kernel has to write, which it may, and where in the picture a byte lies.
enum OutputLayout: Sendable {
    /// Exactly `channels` bytes of each pixel.
    case pixels(rows: Int, width: Int, channels: Int, rowStride: Int, pixelStride: Int)
    /// One quad row: every group of every block; the pad cells at both ends stay as they are.
    case quads(row: Int, width: Int, blocks: Int)
    /// Every group; what lies in slots beyond the width means nothing.
    case panel(rows: Int, width: Int, blocks: Int)
    case floats(count: Int)

    /// A place in the output: row, pixel, channel.
    struct Position: Hashable, Sendable, CustomStringConvertible {
        let row: Int
        let x: Int
        let channel: Int

        var description: String { "row \(row), x \(x), channel \(channel)" }
    }

    /// Bytes from the first the kernel knows of to the last.
    var byteCount: Int {
        switch self {
        case .pixels(let rows, let width, let channels, let rowStride, let pixelStride):
            (rows - 1) * rowStride + (width - 1) * pixelStride + channels
        case .quads(_, let width, let blocks): blocks * QuadLayout.blockStride(width: width)
        case .panel(let rows, let width, let blocks): PanelView.byteCount(rows: rows, width: width, blocks: blocks)
        case .floats(let count): 4 * count
        }
    }

    /// Bytes whose value is part of the contract.
    var written: [Range<Int>] {
        switch self {
        case .pixels(let rows, let width, let channels, let rowStride, let pixelStride):
            (0..<rows).flatMap { row in
                (0..<width).map { x in
                    let start = row * rowStride + x * pixelStride
                    return start..<start + channels
                }
            }
        case .quads(_, let width, let blocks):
            (0..<blocks).map { block in
                let start = block * QuadLayout.blockStride(width: width) + QuadLayout.cellBytes
                return start..<start + QuadLayout.groups(width: width) * QuadLayout.cellBytes
            }
        case .panel, .floats: [0..<byteCount]
        }
    }

    /// Bytes that a kernel may write with anything; they take precedence over `written`.
    var free: [Range<Int>] {
        guard case .panel(let rows, let width, let blocks) = self, width % 4 != 0 else { return [] }
        let groupBytes = blocks * QuadLayout.cellBytes
        let groups = QuadLayout.groups(width: width)
        return (0..<rows).flatMap { row in
            (0..<4 * blocks).map { run in
                let start = (row * groups + groups - 1) * groupBytes + run * 16
                return start + width % 4 * 4..<start + 16
            }
        }
    }

    /// Offset of a position's byte (or of its float's first byte).
    func offset(_ position: Position) -> Int {
        let (row, x, channel) = (position.row, position.x, position.channel)
        switch self {
        case .pixels(_, _, _, let rowStride, let pixelStride): return row * rowStride + x * pixelStride + channel
        case .quads(_, let width, _):
            return (channel / 16) * QuadLayout.blockStride(width: width) + QuadLayout.cellBytes
                + (x / 4) * QuadLayout.cellBytes + (channel % 16) * 4 + x % 4
        case .panel(_, let width, let blocks):
            return (row * QuadLayout.groups(width: width) + x / 4) * blocks * QuadLayout.cellBytes
                + (channel / 4) * 16 + (x % 4) * 4 + channel % 4
        case .floats: return 4 * channel
        }
    }

    /// Rows, pixels and channels that `offset` takes; quads count their slots beyond the width.
    var extent: (rows: Range<Int>, width: Int, channels: Int) {
        switch self {
        case .pixels(let rows, let width, let channels, _, _): (0..<rows, width, channels)
        case .quads(let row, let width, let blocks): (row..<row + 1, QuadLayout.groups(width: width) * 4, 16 * blocks)
        case .panel(let rows, let width, let blocks): (0..<rows, width, 16 * blocks)
        case .floats(let count): (0..<1, 1, count)
        }
    }

    /// Bytes of one value.
    var valueBytes: Int { if case .floats = self { 4 } else { 1 } }
}
