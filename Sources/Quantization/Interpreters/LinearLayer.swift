import Graphs
import Tensors

/// A convolution or a dense layer with its parameters laid out for the float loops. The integer simulation uses it too,
/// with weights and biases that are whole numbers.
struct LinearLayer: Sendable {
    let kernels: FloatKernels
    /// A dense layer is a 1x1 convolution of one pixel.
    let geometry: Convolution
    let input: Shape
    let output: Shape
    /// What padding reads as, a channel; empty is 0.
    private let padding: [Float]
    /// Of every group: panels, columns [kernel][kernel][inputs]; of a depthwise layer [kernel * kernel][channels].
    private var weights: [[Float]]
    /// Of every group, padded to whole panels.
    private let bias: [[Float]]

    /// - Parameters:
    ///   - weights: [outputs][kernel * kernel][inputs / groups], inputs 1 when depthwise.
    ///   - bias: [outputs].
    ///   - padding: what padding reads as, a channel; empty is 0. Not for depthwise layers.
    init(
        _ geometry: Convolution, input: Shape, output: Shape, weights: [Float], bias: [Float], padding: [Float] = [],
        kernels: FloatKernels = FloatKernels()
    ) {
        self.kernels = kernels
        self.geometry = geometry
        self.input = input
        self.output = output
        self.padding = padding
        self.weights = LinearLayer.arrange(weights, geometry, input)
        let size = geometry.outputs / geometry.groups
        let width = (size + FloatKernels.panel - 1) / FloatKernels.panel * FloatKernels.panel
        self.bias = (0..<geometry.groups).map { group in
            Array(bias[group * size..<(group + 1) * size]) + [Float](repeating: 0, count: width - size)
        }
    }

    private static func arrange(_ weights: [Float], _ geometry: Convolution, _ input: Shape) -> [[Float]] {
        let taps = geometry.window.taps
        if geometry.isDepthwise { return [weights.transposed(rows: geometry.outputs, columns: taps)] }
        let (columns, depth) = (
            geometry.outputs / geometry.groups, taps * geometry.filterInputs(of: input.channels)
        )
        return (0..<geometry.groups).map { group in
            FloatKernels.pack(
                Array(weights[group * columns * depth..<(group + 1) * columns * depth]), columns: columns, depth: depth)
        }
    }

    /// The same layer with other weights.
    func with(weights: [Float]) -> LinearLayer {
        var layer = self
        layer.weights = LinearLayer.arrange(weights, geometry, input)
        return layer
    }

    static func dense(outputs: Int) -> Convolution {
        Convolution(outputs: outputs, kernel: 1, stride: 1, padding: 0, isDepthwise: false, hasBias: true)
    }

    /// - Parameter scratch: holds the windows of a convolution that is not 1x1.
    func apply(_ input: FloatBuffer, into out: FloatBuffer, _ finish: FloatKernels.Finish, scratch: FloatBuffer) {
        precondition(input.count == self.input.count)
        if geometry.isDepthwise {
            guard let square = geometry.window.square else {
                FloatLoops.depthwise(
                    input, self.input, geometry.window, output, weights: weights[0], bias: bias[0], into: out)
                kernels.finish(out, channels: output.channels, finish)
                return
            }
            kernels.depthwise(
                input, self.input, square, output, weights: weights[0], bias: bias[0], finish, into: out)
            return
        }
        let depth = geometry.window.taps * geometry.filterInputs(of: self.input.channels)
        if geometry.groups == 1 {
            if !geometry.window.isPointwise { gather(input, channels: 0..<self.input.channels, into: scratch) }
            kernels.matrix(
                geometry.window.isPointwise ? input : scratch, rows: output.pixels, depth: depth, packed: weights[0],
                bias: bias[0], columns: output.channels, finish, into: out)
            return
        }
        let (inputs, outputs) = (self.input.channels / geometry.groups, output.channels / geometry.groups)
        let part = FloatBuffer()
        out.resize(to: output.count)
        for group in 0..<geometry.groups {
            gather(input, channels: group * inputs..<(group + 1) * inputs, into: scratch)
            kernels.matrix(
                scratch, rows: output.pixels, depth: depth, packed: weights[group], bias: bias[group],
                columns: outputs, FloatKernels.Finish(), into: part)
            FloatLoops.place(part, channels: outputs, into: out, first: group * outputs, of: output.channels)
        }
        kernels.finish(out, channels: output.channels, finish)
    }

    /// Every window of some channels of the input as one row [kernel][kernel][channels], with what padding reads as
    /// outside.
    private func gather(_ input: FloatBuffer, channels: Range<Int>, into rows: FloatBuffer) {
        let (window, shape, count) = (geometry.window, self.input, channels.count)
        rows.resize(to: output.pixels * window.taps * count)
        let outside = padding.isEmpty ? [Float](repeating: 0, count: count) : Array(padding[channels])
        unsafe input.withElements { input in
            unsafe rows.withElements { rows in
                var place = 0
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        for row in 0..<window.height {
                            let sourceY = window.inputRow(y, row)
                            for column in 0..<window.width {
                                let sourceX = window.inputColumn(x, column)
                                if sourceY >= 0 && sourceY < shape.height && sourceX >= 0 && sourceX < shape.width {
                                    let source =
                                        (sourceY * shape.width + sourceX) * shape.channels + channels.lowerBound
                                    for c in 0..<count { unsafe rows[place + c] = input[source + c] }
                                } else {
                                    for c in 0..<count { unsafe rows[place + c] = outside[c] }
                                }
                                place += count
                            }
                        }
                    }
                }
            }
        }
    }
}

extension [Float] {
    /// From PyTorch's [outputs][inputs][taps] to [outputs][taps][inputs].
    func transposedToChannelsLast(outputs: Int, inputs: Int, taps: Int) -> [Float] {
        if inputs == 1 || taps == 1 { return self }
        var result = self
        for output in 0..<outputs {
            let base = output * inputs * taps
            for input in 0..<inputs {
                for tap in 0..<taps { result[base + tap * inputs + input] = self[base + input * taps + tap] }
            }
        }
        return result
    }

    /// From [rows][columns] to [columns][rows].
    func transposed(rows: Int, columns: Int) -> [Float] {
        var result = self
        for row in 0..<rows { for column in 0..<columns { result[column * rows + row] = self[row * columns + column] } }
        return result
    }
}
