package import Tensors

/// Sixteen by sixteen means of luma, for telling scenes apart: a frame of noise or a lamp that is dimmed is no other scene.
package struct SceneThumbnail: Hashable, Sendable {
    static let side = 16
    /// [side][side] less their mean.
    private let cells: [Int16]

    /// - Parameter pixels: RGB [extent.height][extent.width][3]; each side at least 16.
    package init(_ pixels: [UInt8], extent: Shape) {
        let side = SceneThumbnail.side
        var sums = [Int](repeating: 0, count: side * side)
        var counts = sums
        for y in 0..<extent.height {
            for x in 0..<extent.width {
                let (cell, place) = (
                    y * side / extent.height * side + x * side / extent.width, 3 * (y * extent.width + x)
                )
                sums[cell] += 2 * Int(pixels[place]) + 5 * Int(pixels[place + 1]) + Int(pixels[place + 2])
                counts[cell] += 8
            }
        }
        let means = zip(sums, counts).map { $0 / max(1, $1) }
        let mean = means.reduce(0, +) / means.count
        cells = means.map { Int16($0 - mean) }
    }

    /// Mean difference of the cells, in steps of 255.
    package func distance(to other: SceneThumbnail) -> Double {
        let sum = zip(cells, other.cells).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(cells.count)
    }
}
