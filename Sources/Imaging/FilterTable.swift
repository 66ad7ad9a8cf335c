/// Weights of a one-dimensional antialiased triangle filter, for one input size, box and output size.
///
/// Output pixel i covers the input around `centre = start + (i + 0.5) * scale`; an input pixel at distance d (in units of
/// max(1, scale)) weighs 1 - |d|. Weights are normalised to sum 1 and rounded to 22 fractional bits (half away from zero), so that
/// a sum of 255 * weights fits in 31 bits. These are the conventions of PIL's BILINEAR, and the same bytes come out.
/// Pixels outside the box but inside the picture do count where the support reaches them, as in PIL.
struct FilterTable {
    /// Fractional bits of a weight: 32 - 8 for the pixel - 2 for sign and overshoot.
    static let precisionBits: Int32 = 22

    /// For each output pixel: the first input pixel it reads.
    private(set) var first: [Int32] = []
    /// For each output pixel: how many input pixels it reads, at least 1, at most `stride`.
    private(set) var taps: [Int32] = []
    /// [output pixel][stride] weights; those beyond `taps` are 0.
    private(set) var weights: [Int32] = []
    /// Weights kept per output pixel.
    private(set) var stride = 0
    /// The weights as the kernels that multiply bytes want them, in groups of four taps; CImaging.h says where each is.
    private(set) var digits: [Int8] = []
    private(set) var groups = 0
    /// First input pixel that any output pixel reads.
    private(set) var lowest = 0
    /// One past the last input pixel that any output pixel reads.
    private(set) var highest = 0

    init() {}

    /// - Parameters:
    ///   - inputSize: pixels of the picture along this axis.
    ///   - start, end: edges of the box, 0 <= start < end <= inputSize.
    ///   - outputSize: pixels of the result.
    init(inputSize: Int, start: Float, end: Float, outputSize: Int) {
        let scale = Double(end - start) / Double(outputSize)
        let support = max(1, scale)
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: outputSize * stride)
        first.reserveCapacity(outputSize)
        taps.reserveCapacity(outputSize)
        var real = [Double](repeating: 0, count: stride)
        for index in 0..<outputSize {
            let centre = Double(start) + (Double(index) + 0.5) * scale
            let low = max(0, Int(centre - support + 0.5))
            let high = min(inputSize, Int(centre + support + 0.5))
            let inverse = 1 / support
            var sum = 0.0
            for tap in 0..<(high - low) {
                let distance = abs((Double(tap + low) - centre + 0.5) * inverse)
                real[tap] = distance < 1 ? 1 - distance : 0
                sum += real[tap]
            }
            for tap in 0..<(high - low) {
                let normalised = sum != 0 ? real[tap] / sum : 0
                weights[index * stride + tap] = Int32(0.5 + normalised * Double(1 << FilterTable.precisionBits))
            }
            first.append(Int32(low))
            taps.append(Int32(high - low))
        }
        lowest = Int(first.min() ?? 0)
        highest = zip(first, taps).map { Int($0 + $1) }.max() ?? 0
        setDigits()
    }

    private mutating func setDigits() {
        groups = (Int(taps.max() ?? 0) + 3) / 4
        digits = [Int8](repeating: 0, count: (taps.count + 3) / 4 * groups * 48)
        for index in taps.indices {
            for tap in 0..<Int(taps[index]) {
                let weight = weights[index * stride + tap]
                let low = Int8(truncatingIfNeeded: weight)
                let middle = Int8(truncatingIfNeeded: (weight - Int32(low)) >> 8)
                let high = (weight - Int32(low) - Int32(middle) * 256) >> 16
                let place = ((index / 4) * groups + tap / 4) * 48 + index % 4 * 4 + tap % 4
                digits[place] = low
                digits[place + 16] = middle
                // At most 65: a weight is at most 1.
                digits[place + 32] = Int8(high)
            }
        }
    }
}
