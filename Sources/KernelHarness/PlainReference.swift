import Kernels

// The layers once more, written as plainly as possible on Int arithmetic, without packing, tiles or C. Shares nothing with
// the kernels but the integer rule (tsr_requant.h), so that a mistake in packing or layout cannot hide in both.

/// Logical bytes in NHWC order.
struct PlainTensor: Hashable, Sendable {
    let height: Int
    let width: Int
    let channels: Int
    var values: [Int8]

    init(height: Int, width: Int, channels: Int, values: [Int8]? = nil) {
        self.height = height
        self.width = width
        self.channels = channels
        self.values = values ?? [Int8](repeating: 0, count: height * width * channels)
        precondition(self.values.count == height * width * channels)
    }

    func index(_ y: Int, _ x: Int, _ c: Int) -> Int { (y * width + x) * channels + c }
}

enum PlainReference {
    /// The integer rule: product and sum each rounded to Float, then half to even.
    static func requantize(
        _ accumulator: Int, _ multiplier: Float, skip: (q: Int8, zeroPoint: Int8, multiplier: Float)? = nil,
        _ output: OutputRange
    ) -> Int8 {
        var scaled = Float(accumulator) * multiplier
        if let skip { scaled += Float(Int(skip.q) - Int(skip.zeroPoint)) * skip.multiplier }
        let rounded = scaled.rounded(.toNearestOrEven) + Float(output.zeroPoint)
        return Int8(max(Float(output.low), min(Float(output.high), rounded)))
    }

    /// A convolution with square filters: pointwise with extent 1, the stem with extent 3 and stride 2.
    static func convolution(
        _ input: PlainTensor, extent: Int, stride: Int, channels: Int, _ data: LayerData,
        skip: (tensor: PlainTensor, zeroPoint: Int8, multiplier: Float)? = nil
    ) -> PlainTensor {
        let pad = extent / 2
        var output = PlainTensor(
            height: (input.height - 1) / stride + 1, width: (input.width - 1) / stride + 1, channels: channels)
        let taps = extent * extent * input.channels
        for y in 0..<output.height {
            for x in 0..<output.width {
                for c in 0..<channels {
                    var accumulator = Int(data.bias[c])
                    for i in 0..<extent {
                        for j in 0..<extent {
                            let (sourceY, sourceX) = (y * stride + i - pad, x * stride + j - pad)
                            guard (0..<input.height).contains(sourceY), (0..<input.width).contains(sourceX) else {
                                continue  // padding is real 0
                            }
                            let pixel = input.index(sourceY, sourceX, 0)
                            let filter = c * taps + (i * extent + j) * input.channels
                            for k in 0..<input.channels {
                                accumulator +=
                                    (Int(input.values[pixel + k]) - Int(data.inputZeroPoint))
                                    * Int(data.weights[filter + k])
                            }
                        }
                    }
                    let place = output.index(y, x, c)
                    output.values[place] = requantize(
                        accumulator, data.multipliers[c],
                        skip: skip.map { ($0.tensor.values[place], $0.zeroPoint, $0.multiplier) }, data.output)
                }
            }
        }
        return output
    }

    static func depthwise(_ input: PlainTensor, stride: Int, _ data: LayerData) -> PlainTensor {
        var output = PlainTensor(
            height: (input.height - 1) / stride + 1, width: (input.width - 1) / stride + 1, channels: input.channels)
        for y in 0..<output.height {
            for x in 0..<output.width {
                for c in 0..<input.channels {
                    var accumulator = Int(data.bias[c])
                    for i in 0..<3 {
                        for j in 0..<3 {
                            let (sourceY, sourceX) = (y * stride + i - 1, x * stride + j - 1)
                            guard (0..<input.height).contains(sourceY), (0..<input.width).contains(sourceX) else {
                                continue
                            }
                            accumulator +=
                                (Int(input.values[input.index(sourceY, sourceX, c)]) - Int(data.inputZeroPoint))
                                * Int(data.weights[c * 9 + 3 * i + j])
                        }
                    }
                    output.values[output.index(y, x, c)] = requantize(accumulator, data.multipliers[c], data.output)
                }
            }
        }
        return output
    }

    static func averagePool(
        _ input: PlainTensor, zeroPoint: Int8, multiplier: Float, _ output: OutputRange
    ) -> [Int8] {
        (0..<input.channels).map { c in
            var sum = 0
            for pixel in 0..<input.height * input.width {
                sum += Int(input.values[pixel * input.channels + c]) - Int(zeroPoint)
            }
            return requantize(sum, multiplier, output)
        }
    }

    static func dense(_ input: [Int8], channels: Int, _ data: LayerData) -> [Float] {
        (0..<channels).map { c in
            var accumulator = Int(data.bias[c])
            for (k, q) in input.enumerated() {
                accumulator += (Int(q) - Int(data.inputZeroPoint)) * Int(data.weights[c * input.count + k])
            }
            return Float(accumulator) * data.multipliers[c]
        }
    }
}
