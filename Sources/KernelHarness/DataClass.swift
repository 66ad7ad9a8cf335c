import Kernels
import Tensors

/// A way to choose a layer's numbers and its input so that a certain kind of mistake shows.
package enum DataClass: String, CaseIterable, Sendable {
    /// Everything uniform, outputs spread over the whole range.
    case random
    /// Input -128 and weights -127: the largest positive products.
    case allMin = "all-min"
    /// Input and weights 127; stored as 255 * 127 on x86, where 16-bit pair sums overflow.
    case allMax = "all-max"
    /// Input 127 and weights -127, input zero point -128: the most negative accumulators.
    case opposed
    /// Input zero point -128, output zero point 127.
    case zeroPointsLowHigh = "zero-points -128/127"
    /// Input zero point 127, output zero point -128.
    case zeroPointsHighLow = "zero-points 127/-128"
    /// Multipliers 0.5, 0.25, 0.125 and small accumulators: many products lie half-way between two integers.
    case halfWay = "half-way"
    /// Clamps a few steps wide, at and away from the zero point, now and then a single value.
    case narrowClamp = "narrow clamp"
    /// Zero point and lower bound -128, upper bound 127: what ReLU6 becomes, and a fast path of many kernels.
    case relu6
    /// As `relu6`, with an upper bound below 127.
    case relu6Clamped = "relu6 below 127"
    /// Products up to 2^30: everything ends at a bound, in every packing step on the way.
    case saturating
    /// Multipliers near or at zero, denormal ones among them: everything ends at the zero point.
    case vanishing
    /// Accumulators up to the last that a kernel may keep as a float, and multipliers that allow it.
    case edgeOfSmall = "edge of small sums"
    /// Accumulators beyond 2^24: converting them to float rounds.
    case wideAccumulators = "wide accumulators"
    /// Product and skip nearly cancel: shows a fused multiply-add, which rounds once where the rule rounds twice.
    case cancellation

    /// The classes for one shape out of many, where all would take too long.
    static let essential: [DataClass] = [.random, .allMax, .relu6]
}

/// A layer's numbers before packing, and how its input is made.
struct LayerData: Sendable {
    enum Input: Sendable {
        case random
        case constant(Int8)
        /// -4 ... 3 around a value.
        case near(Int8)
    }

    var weights: [Int8]  // [channels, taps]
    var bias: [Int32]
    var multipliers: [Float]
    var inputZeroPoint: Int8
    var output: OutputRange
    var input: Input
    var skipZeroPoint: Int8
    var skipMultiplier: Float
    /// Logical skip bytes of a pixel where the class wants certain ones: [channels].
    var skipBytes: [Int8]?

    var params: ChannelParams {
        ChannelParams(bias: bias, multipliers: multipliers, inputZeroPoint: inputZeroPoint)
    }

    /// - Parameters:
    ///   - taps: products that make one accumulator.
    ///   - fixedZeroPoint: where the operation leaves no choice of the input's zero point.
    init(_ dataClass: DataClass, channels: Int, taps: Int, fixedZeroPoint: Int8? = nil, rng: inout SplitMix64) {
        let zeroPoint = fixedZeroPoint ?? Int8.random(in: -20...20, using: &rng)
        let outputZero = Int8.random(in: -30...30, using: &rng)
        let spread = 75 * 75 * Float(taps).squareRoot()  // standard deviation of an accumulator of uniform bytes
        input = .random
        inputZeroPoint = zeroPoint
        output = OutputRange(zeroPoint: outputZero, low: -128, high: 127)
        skipZeroPoint = Int8.random(in: -128...127, using: &rng)
        skipMultiplier = Float.random(in: 0.2...1.3, using: &rng)
        weights = []
        bias = LayerData.biases(channels, Int32(min(spread, 1e9)), &rng)
        multipliers = LayerData.around(60 / spread, channels, &rng)
        switch dataClass {
        case .random: break
        case .allMin: setConstant(-128, weight: -127, channels: channels, taps: taps, rng: &rng)
        case .allMax: setConstant(127, weight: 127, channels: channels, taps: taps, rng: &rng)
        case .opposed:
            inputZeroPoint = fixedZeroPoint ?? -128
            setConstant(127, weight: -127, channels: channels, taps: taps, rng: &rng)
        case .zeroPointsLowHigh:
            inputZeroPoint = fixedZeroPoint ?? -128
            output = OutputRange(zeroPoint: 127, low: -128, high: 127)
            skipZeroPoint = -128
        case .zeroPointsHighLow:
            inputZeroPoint = fixedZeroPoint ?? 127
            output = OutputRange(zeroPoint: -128, low: -128, high: 127)
            skipZeroPoint = 127
        case .halfWay:
            input = .near(zeroPoint)
            weights = rng.ternaryWeights(channels * taps)
            bias = LayerData.biases(channels, 40, &rng)
            multipliers = (0..<channels).map { [0.5, 0.25, 0.125][($0 + taps) % 3] }
            skipMultiplier = 0.5
        case .narrowClamp:
            let low = Int8.random(in: -100...90, using: &rng)
            output = OutputRange(
                zeroPoint: Bool.random(using: &rng) ? low : outputZero, low: low,
                high: low + Int8.random(in: 0...7, using: &rng))
        case .relu6: output = OutputRange(zeroPoint: -128, low: -128, high: 127)
        case .relu6Clamped:
            output = OutputRange(zeroPoint: -128, low: -128, high: Int8.random(in: 0...126, using: &rng))
        case .saturating:
            multipliers = LayerData.around(0x1p29 / (Float(taps) * 255 * 127 + spread), channels, &rng)
            skipMultiplier = 0x1p20
        case .vanishing:
            multipliers = (0..<channels).map { [0, 1e-30, 0x1p-140, 0x1p-149, 1e-12][$0 % 5] }
            skipMultiplier = 1e-38
        case .edgeOfSmall: setEdgeOfSmall(channels: channels, taps: taps, rng: &rng)
        case .wideAccumulators:
            bias = LayerData.biases(channels, 1 << 30, &rng)
            multipliers = LayerData.around(90 / 0x1p30, channels, &rng)
        case .cancellation: setCancellation(channels: channels, taps: taps, rng: &rng)
        }
        if weights.isEmpty { weights = rng.weights(channels * taps) }
        if Bool.random(using: &rng) { shortenMultipliers() }
    }

    /// To 22 significant bits, as a model's are: kernels may then keep sums as floats.
    private mutating func shortenMultipliers() {
        multipliers = multipliers.map { Float(bitPattern: $0.bitPattern & ~3) }
    }

    private mutating func setConstant(
        _ q: Int8, weight: Int8, channels: Int, taps: Int, rng: inout SplitMix64
    ) {
        input = .constant(q)
        weights = [Int8](repeating: weight, count: channels * taps)
        let size = Float(taps) * Float(abs(Int(q) - Int(inputZeroPoint)) + 1) * 127
        bias = LayerData.biases(channels, Int32(min(size / 4, 1e9)), &rng)
        multipliers = LayerData.around(80 / size, channels, &rng)
    }

    /// Where the whole window lies in the picture, even channels sum up to 2^22 - 1 and odd ones to -2^22.
    private mutating func setEdgeOfSmall(channels: Int, taps: Int, rng: inout SplitMix64) {
        input = .constant(127)
        let limit = ChannelParams.smallSumLimit
        let weight = max(1, min(127, limit / (512 * taps)))
        let sum = weight * taps * (127 - Int(inputZeroPoint))
        weights = (0..<channels * taps).map { Int8($0 / taps % 2 == 0 ? weight : -weight) }
        bias = (0..<channels).map { Int32($0 % 2 == 0 ? limit - 1 - sum : sum - limit) }
        multipliers = LayerData.around(100 / Float(limit), channels, &rng)
        shortenMultipliers()
    }

    private mutating func setCancellation(channels: Int, taps: Int, rng: inout SplitMix64) {
        input = .near(inputZeroPoint)
        weights = rng.ternaryWeights(channels * taps)
        multipliers = (0..<channels).map { _ in Float.random(in: 0.3...0.6, using: &rng) }
        skipMultiplier = 8192
        skipZeroPoint = Int8.random(in: -20...20, using: &rng)
        let steps = (0..<channels).map { _ in Int.random(in: -100...100, using: &rng) }
        bias = zip(steps, multipliers).map { Int32(Float($0 * 8192) / $1) }
        skipBytes = steps.map { Int8(Int(skipZeroPoint) - $0) }
    }

    private static func biases(_ count: Int, _ limit: Int32, _ rng: inout SplitMix64) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: -limit...limit, using: &rng) }
    }

    /// Within a third of a value.
    private static func around(_ value: Float, _ count: Int, _ rng: inout SplitMix64) -> [Float] {
        (0..<count).map { _ in value * Float.random(in: 0.67...1.33, using: &rng) }
    }

    /// - Parameter zero: the byte that stands for logical 0: the stored bias, or 128 for a camera's pixels.
    /// - Returns: `count` bytes of input.
    func inputBytes(_ count: Int, zero: Int = StoredByte.bias, rng: inout SplitMix64) -> [UInt8] {
        func byte(_ q: Int8) -> UInt8 { UInt8(truncatingIfNeeded: Int(q) + zero) }
        switch input {
        case .random: return rng.bytes(count)
        case .constant(let q): return [UInt8](repeating: byte(q), count: count)
        case .near(let q):
            // Stored bytes on Arm are signed and may wrap within a word, so the window moves off that edge.
            let low = Int(byte(q)) - 4
            return rng.bytes(count, near: UInt8(max(0, min(248, low))))
        }
    }
}
