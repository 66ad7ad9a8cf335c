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
    /// Panels, columns [kernel][kernel][inputs]; of a depthwise layer [kernel * kernel][channels].
    private var weights: [Float]
    /// Padded to whole panels.
    private let bias: [Float]

    /// - Parameters:
    ///   - weights: [outputs][kernel * kernel][inputs], inputs 1 when depthwise.
    ///   - bias: [outputs].
    init(
        _ geometry: Convolution, input: Shape, output: Shape, weights: [Float], bias: [Float],
        kernels: FloatKernels = FloatKernels()
    ) {
        self.kernels = kernels
        self.geometry = geometry
        self.input = input
        self.output = output
        self.weights = LinearLayer.arrange(weights, geometry, input)
        let panels = (geometry.outputs + FloatKernels.panel - 1) / FloatKernels.panel
        self.bias = bias + [Float](repeating: 0, count: panels * FloatKernels.panel - bias.count)
    }

    private static func arrange(_ weights: [Float], _ geometry: Convolution, _ input: Shape) -> [Float] {
        let taps = geometry.kernel * geometry.kernel
        return geometry.isDepthwise
            ? weights.transposed(rows: geometry.outputs, columns: taps)
            : FloatKernels.pack(weights, columns: geometry.outputs, depth: taps * input.channels)
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
            kernels.depthwise(
                input, self.input, geometry, output, weights: weights, bias: bias, finish, into: out)
            return
        }
        let taps = geometry.kernel * geometry.kernel
        let isPlain = taps == 1 && geometry.stride == 1 && geometry.padding == 0
        if !isPlain { gather(input, into: scratch) }
        kernels.matrix(
            isPlain ? input : scratch, rows: output.pixels, depth: taps * self.input.channels, packed: weights,
            bias: bias, columns: output.channels, finish, into: out)
    }

    /// Every window of the input as one row [kernel][kernel][channels], zeros outside.
    private func gather(_ input: FloatBuffer, into rows: FloatBuffer) {
        let (kernel, channels, shape) = (geometry.kernel, self.input.channels, self.input)
        rows.resize(to: output.pixels * kernel * kernel * channels)
        unsafe input.withElements { input in
            unsafe rows.withElements { rows in
                var place = 0
                for y in 0..<output.height {
                    for x in 0..<output.width {
                        let left = x * geometry.stride - geometry.padding
                        for ky in 0..<kernel {
                            let sourceY = y * geometry.stride + ky - geometry.padding
                            for kx in 0..<kernel {
                                let isInside =
                                    sourceY >= 0 && sourceY < shape.height && left + kx >= 0 && left + kx < shape.width
                                let source = (sourceY * shape.width + left + kx) * channels
                                for c in 0..<channels {
                                    unsafe rows[place + c] = isInside ? input[source + c] : 0
                                }
                                place += channels
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
