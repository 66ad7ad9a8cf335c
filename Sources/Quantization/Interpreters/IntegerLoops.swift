import Graphs
import Tensors

/// Exact integer sums of convolutions, as the formulas say. Validation has shown that no sum can leave 32 bits.
enum IntegerLoops {
    /// Every output channel from every input channel of its group.
    /// - Parameters:
    ///   - input: `q - zp`, [height][width][channels].
    ///   - padding: `q - zp` around it, a channel.
    /// - Returns: [height][width][channels] with bias.
    static func convolution(
        _ input: [Int16], _ shape: Shape, padding: [Int16], _ convolution: QuantizedConvolution, _ out: Shape
    ) -> [Int32] {
        let (window, inputs) = (convolution.window, convolution.filterInputs(of: shape.channels))
        let weights = convolution.weights.map { Int16($0) }
        let perGroup = out.channels / convolution.groups
        precondition(input.count == shape.count && weights.count == out.channels * window.taps * inputs)
        precondition(padding.count == shape.channels)
        let isPadded = padding.contains { $0 != 0 }
        var sums = [Int32](repeating: 0, count: out.count)
        unsafe input.withUnsafeBufferPointer { input in
            unsafe weights.withUnsafeBufferPointer { weights in
                unsafe padding.withUnsafeBufferPointer { padding in
                    for y in 0..<out.height {
                        for x in 0..<out.width {
                            for channel in 0..<out.channels {
                                var sum = convolution.bias[channel]
                                let first = channel / perGroup * inputs
                                for tap in 0..<window.taps {
                                    let sourceY = window.inputRow(y, tap / window.width)
                                    let sourceX = window.inputColumn(x, tap % window.width)
                                    let isInside =
                                        sourceY >= 0 && sourceY < shape.height && sourceX >= 0 && sourceX < shape.width
                                    guard isInside || isPadded else { continue }
                                    let source = (sourceY * shape.width + sourceX) * shape.channels + first
                                    let filter = (channel * window.taps + tap) * inputs
                                    let bytes =
                                        unsafe isInside
                                        ? UnsafeBufferPointer(rebasing: input[source..<source + inputs])
                                        : UnsafeBufferPointer(rebasing: padding[first..<first + inputs])
                                    sum &+= unsafe dot(
                                        bytes, UnsafeBufferPointer(rebasing: weights[filter..<filter + inputs]))
                                }
                                sums[(y * out.width + x) * out.channels + channel] = sum
                            }
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
        let (window, channels) = (convolution.window, shape.channels)
        let taps = window.taps
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
                                let sourceY = window.inputRow(y, tap / window.width)
                                let sourceX = window.inputColumn(x, tap % window.width)
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
