import Graphs
import Tensors

/// Operations without weights on [height][width][channels] floats, as their formulas say. The integer simulation uses
/// them too, with values `q - zp`.
enum FloatLoops {
    /// Output of a pool; a mean is left as a sum where `divides` is false.
    static func pool(
        _ input: FloatBuffer, _ shape: Shape, _ pool: Pool, _ result: Shape, divides: Bool, into out: FloatBuffer
    ) {
        precondition(input.count == shape.count)
        out.resize(to: result.count)
        let (window, channels) = (pool.window, shape.channels)
        unsafe input.withElements { input in
            unsafe out.withElements { out in
                for y in 0..<result.height {
                    for x in 0..<result.width {
                        let target = (y * result.width + x) * channels
                        let start: Float = pool.kind == .maximum ? -.infinity : 0
                        for c in 0..<channels { unsafe out[target + c] = start }
                        for row in 0..<window.height {
                            let sourceY = window.inputRow(y, row)
                            guard sourceY >= 0 && sourceY < shape.height else { continue }
                            for column in 0..<window.width {
                                let sourceX = window.inputColumn(x, column)
                                guard sourceX >= 0 && sourceX < shape.width else { continue }
                                let source = (sourceY * shape.width + sourceX) * channels
                                if pool.kind == .maximum {
                                    for c in 0..<channels {
                                        unsafe out[target + c] = max(out[target + c], input[source + c])
                                    }
                                } else {
                                    for c in 0..<channels { unsafe out[target + c] += input[source + c] }
                                }
                            }
                        }
                        guard pool.kind == .average && divides else { continue }
                        let divisor = Float(pool.divisor(y: y, x: x, height: shape.height, width: shape.width))
                        for c in 0..<channels { unsafe out[target + c] /= divisor }
                    }
                }
            }
        }
    }

    /// Puts the channels of `input` behind those that are there already.
    /// - Parameter first: channel of the output that channel 0 becomes.
    static func place(_ input: FloatBuffer, channels: Int, into out: FloatBuffer, first: Int, of total: Int) {
        let pixels = input.count / channels
        precondition(out.count == pixels * total && first + channels <= total)
        unsafe input.withElements { input in
            unsafe out.withElements { out in
                for pixel in 0..<pixels {
                    for c in 0..<channels { unsafe out[pixel * total + first + c] = input[pixel * channels + c] }
                }
            }
        }
    }

    static func select(
        _ input: FloatBuffer, channels: Int, _ selection: ChannelSelection, into out: FloatBuffer
    ) {
        let (pixels, outputs) = (input.count / channels, selection.outputs(inputs: channels))
        let sources = (0..<outputs).map { selection.source(of: $0, inputs: channels) }
        out.resize(to: pixels * outputs)
        unsafe input.withElements { input in
            unsafe out.withElements { out in
                for pixel in 0..<pixels {
                    for c in 0..<outputs { unsafe out[pixel * outputs + c] = input[pixel * channels + sources[c]] }
                }
            }
        }
    }

    static func groupMaximum(_ input: FloatBuffer, size: Int, into out: FloatBuffer) {
        let count = input.count / size
        out.resize(to: count)
        unsafe input.withElements { input in
            unsafe out.withElements { out in
                for i in 0..<count {
                    var largest = unsafe input[i * size]
                    for j in 1..<max(size, 1) { unsafe largest = max(largest, input[i * size + j]) }
                    unsafe out[i] = largest
                }
            }
        }
    }

    /// Element by element, or every pixel times the one of `other`.
    static func multiply(_ input: FloatBuffer, _ other: FloatBuffer, into out: FloatBuffer) {
        out.resize(to: input.count)
        let period = other.count
        precondition(input.count % period == 0)
        unsafe input.withElements { input in
            unsafe other.withElements { other in
                unsafe out.withElements { out in
                    for start in stride(from: 0, to: out.count, by: period) {
                        for i in 0..<period { unsafe out[start + i] = input[start + i] * other[i] }
                    }
                }
            }
        }
    }

    static func map(_ input: FloatBuffer, into out: FloatBuffer, _ function: (Float) -> Float) {
        out.resize(to: input.count)
        unsafe input.withElements { input in
            unsafe out.withElements { out in for i in 0..<out.count { unsafe out[i] = function(input[i]) } }
        }
    }

    /// A depthwise convolution of any window.
    /// - Parameter weights: [taps][channels].
    static func depthwise(
        _ input: FloatBuffer, _ shape: Shape, _ window: Window, _ result: Shape, weights: [Float], bias: [Float],
        into out: FloatBuffer
    ) {
        let channels = shape.channels
        out.resize(to: result.count)
        unsafe input.withElements { input in
            unsafe out.withElements { out in
                unsafe weights.withUnsafeBufferPointer { weights in
                    for y in 0..<result.height {
                        for x in 0..<result.width {
                            let target = (y * result.width + x) * channels
                            for c in 0..<channels { unsafe out[target + c] = bias[c] }
                            for tap in 0..<window.taps {
                                let sourceY = window.inputRow(y, tap / window.width)
                                let sourceX = window.inputColumn(x, tap % window.width)
                                guard sourceY >= 0, sourceY < shape.height, sourceX >= 0, sourceX < shape.width else {
                                    continue
                                }
                                let source = (sourceY * shape.width + sourceX) * channels
                                for c in 0..<channels {
                                    unsafe out[target + c] += input[source + c] * weights[tap * channels + c]
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
