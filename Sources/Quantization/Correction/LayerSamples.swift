import Graphs
import Tensors

/// Which output pixels of which layers are looked at when weights are fitted to their inputs, and the rows of inputs that
/// belong to them. The pixels are spread over the picture and the same on every machine.
struct LayerSamples: Sendable {
    /// Rows for each input that a filter reads, and the fewest of a layer.
    static let rowsAnInput = 8
    static let fewestRows = 768
    /// Most inputs of a filter whose weights are fitted: memory grows with their square, time with their cube.
    static let deepest = 1280

    let graph: Graph
    let shapes: [Shape]
    /// Pictures that rows are taken from.
    let pictures: Int

    /// Inputs that one filter of a node reads; 0 where the node's weights are not fitted.
    func depth(_ index: Int) -> Int {
        guard case .convolution(let convolution, _) = graph.nodes[index].operation else { return 0 }
        if convolution.isDepthwise { return convolution.window.taps }
        let inputs = convolution.filterInputs(of: shapes[graph.nodes[index].source].channels)
        let depth = convolution.window.taps * inputs
        return convolution.groups == 1 && depth <= LayerSamples.deepest ? depth : 0
    }

    /// Output pixels of one picture, ascending: one in each of equal stretches of the picture.
    /// - Parameter picture: below `pictures`.
    func pixels(_ index: Int, picture: Int) -> [Int] {
        let (depth, total) = (depth(index), shapes[index + 1].pixels)
        guard depth > 0 else { return [] }
        let rows = max(LayerSamples.fewestRows, LayerSamples.rowsAnInput * depth)
        let count = min(total, (rows + pictures - 1) / pictures)
        var random = SplitMix64(seed: UInt64(index) << 32 | UInt64(picture))
        return (0..<count).map { part in
            let (first, end) = (part * total / count, (part + 1) * total / count)
            return first + Int(random.next() % UInt64(end - first))
        }
    }

    /// Rows of a value's elements at some pixels.
    static func rows(_ elements: FloatBuffer, channels: Int, at pixels: [Int]) -> [Float] {
        var rows: [Float] = []
        rows.reserveCapacity(pixels.count * channels)
        unsafe elements.withElements { elements in
            for pixel in pixels { unsafe rows.append(contentsOf: elements[pixel * channels..<(pixel + 1) * channels]) }
        }
        return rows
    }

    /// What the filters of a node read for some of its output pixels.
    /// - Parameters:
    ///   - input: bytes of the value that the node reads.
    ///   - zero: byte of real 0; what padding reads as is `outside`, a channel.
    /// - Returns: [pixels][taps][channels] of `q - zero`.
    func windows(_ index: Int, at pixels: [Int], input: [Int8], zero: Int8, outside: [Int8]) -> [Float] {
        guard case .convolution(let convolution, _) = graph.nodes[index].operation else { return [] }
        let (window, shape, output) = (convolution.window, shapes[graph.nodes[index].source], shapes[index + 1])
        var rows: [Float] = []
        rows.reserveCapacity(pixels.count * window.taps * shape.channels)
        for pixel in pixels {
            let (y, x) = (pixel / output.width, pixel % output.width)
            for row in 0..<window.height {
                let sourceY = window.inputRow(y, row)
                for column in 0..<window.width {
                    let sourceX = window.inputColumn(x, column)
                    if (0..<shape.height).contains(sourceY) && (0..<shape.width).contains(sourceX) {
                        let first = (sourceY * shape.width + sourceX) * shape.channels
                        for c in first..<first + shape.channels { rows.append(Float(Int(input[c]) - Int(zero))) }
                    } else {
                        for byte in outside { rows.append(Float(Int(byte) - Int(zero))) }
                    }
                }
            }
        }
        return rows
    }
}
