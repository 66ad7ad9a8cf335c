import Graphs
import Tensors

/// Exact integer sums of convolutions, as the formulas say. Validation has shown that no sum can leave 32 bits.
enum IntegerLoops {
    /// Every output channel from every input channel.
    /// - Parameter input: `q - zp`, [height][width][channels].
    /// - Returns: [height][width][channels] with bias.
    static func convolution(
        _ input: [Int16], _ shape: Shape, _ convolution: QuantizedConvolution, _ out: Shape
    ) -> [Int32] {
        let (kernel, inputs) = (convolution.kernel, shape.channels)
        let weights = convolution.weights.map { Int16($0) }
        precondition(input.count == shape.count && weights.count == out.channels * kernel * kernel * inputs)
        var sums = [Int32](repeating: 0, count: out.count)
        unsafe input.withUnsafeBufferPointer { input in
            unsafe weights.withUnsafeBufferPointer { weights in
                for y in 0..<out.height {
                    for x in 0..<out.width {
                        for channel in 0..<out.channels {
                            var sum = convolution.bias[channel]
                            for ky in 0..<kernel {
                                let sourceY = y * convolution.stride + ky - convolution.padding
                                guard (0..<shape.height).contains(sourceY) else { continue }
                                for kx in 0..<kernel {
                                    let sourceX = x * convolution.stride + kx - convolution.padding
                                    guard (0..<shape.width).contains(sourceX) else { continue }
                                    let source = (sourceY * shape.width + sourceX) * inputs
                                    let tap = ((channel * kernel + ky) * kernel + kx) * inputs
                                    sum &+= unsafe dot(
                                        UnsafeBufferPointer(rebasing: input[source..<source + inputs]),
                                        UnsafeBufferPointer(rebasing: weights[tap..<tap + inputs]))
                                }
                            }
                            sums[(y * out.width + x) * out.channels + channel] = sum
                        }
                    }
                }
            }
        }
        return sums
    }

    /// One filter per channel.
    static func depthwise(
        _ input: [Int16], _ shape: Shape, _ convolution: QuantizedConvolution, _ out: Shape
    ) -> [Int32] {
        let (kernel, channels) = (convolution.kernel, shape.channels)
        let taps = kernel * kernel
        precondition(input.count == shape.count && convolution.weights.count == channels * taps)
        // [taps][channels], so that the innermost loop runs along memory.
        var weights = [Int32](repeating: 0, count: channels * taps)
        for c in 0..<channels {
            for tap in 0..<taps { weights[tap * channels + c] = Int32(convolution.weights[c * taps + tap]) }
        }
        var sums = [Int32](repeating: 0, count: out.count)
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe weights.withUnsafeBufferPointer { weights in
                    for y in 0..<out.height {
                        for x in 0..<out.width {
                            let pixel = (y * out.width + x) * channels
                            for c in 0..<channels { unsafe sums[pixel + c] = convolution.bias[c] }
                            for tap in 0..<taps {
                                let sourceY = y * convolution.stride + tap / kernel - convolution.padding
                                let sourceX = x * convolution.stride + tap % kernel - convolution.padding
                                guard (0..<shape.height).contains(sourceY), (0..<shape.width).contains(sourceX) else {
                                    continue
                                }
                                let (source, filter) = ((sourceY * shape.width + sourceX) * channels, tap * channels)
                                for c in 0..<channels {
                                    unsafe sums[pixel + c] &+= Int32(input[source + c]) &* weights[filter + c]
                                }
                            }
                        }
                    }
                }
            }
        }
        return sums
    }

    @inline(__always) private static func dot(_ a: UnsafeBufferPointer<Int16>, _ b: UnsafeBufferPointer<Int16>) -> Int32
    {
        var sum: Int32 = 0
        for i in 0..<a.count { unsafe sum &+= Int32(a[i]) &* Int32(b[i]) }
        return sum
    }
}
