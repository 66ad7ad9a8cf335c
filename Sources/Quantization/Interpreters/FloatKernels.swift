import CFloatKernels
import Graphs
import Tensors

/// The only caller of the C loops in `CFloatKernels`, in the best build that this CPU runs. All builds give the same bits.
struct FloatKernels: Sendable {
    /// Number of the build, 0 the best.
    var build: Int32 = 0

    /// Columns of a panel of packed weights.
    static let panel = Int(TSR_FLOAT_PANEL)

    /// Every build that this CPU runs.
    static var builds: [FloatKernels] { (0..<tsr_float_builds()).map { FloatKernels(build: $0) } }

    /// Such as `avx2`.
    var name: String { unsafe String(cString: tsr_float_build_name(build)) }

    /// What happens to the sums of a layer; the default changes nothing. Order: multiplier, skip, clamp, rounding.
    struct Finish {
        /// Per channel; empty leaves it out.
        var multiplier: [Float] = []
        /// Added, as many elements as the output has.
        var skip: FloatBuffer?
        var skipMultiplier: Float = 1
        var low = -Float.infinity
        var high = Float.infinity
        /// Half to even; needs bounds below 2^22.
        var rounds = false

        mutating func clamp(to bounds: Bounds?) {
            if let bounds { (low, high) = (bounds.low, bounds.high) }
        }

        fileprivate func withC(_ body: (UnsafePointer<tsr_float_finish>) -> Void) {
            unsafe multiplier.withUnsafeBufferPointer { multiplier in
                var finish = unsafe tsr_float_finish(
                    multiplier: multiplier.isEmpty ? nil : multiplier.baseAddress, skip: nil,
                    skip_multiplier: skipMultiplier, low: low, high: high, rounds: rounds ? 1 : 0)
                if let skip {
                    unsafe skip.withElements { skip in
                        unsafe finish.skip = UnsafePointer(skip.baseAddress)
                        unsafe body(&finish)
                    }
                } else {
                    unsafe body(&finish)
                }
            }
        }
    }

    /// Reorders [columns][depth] weights to panels [columns / 16][depth][16], padded with zero columns.
    static func pack(_ weights: [Float], columns: Int, depth: Int) -> [Float] {
        let panels = (columns + panel - 1) / panel
        var packed = [Float](repeating: 0, count: panels * depth * panel)
        for column in 0..<columns {
            let base = column / panel * depth * panel + column % panel
            for i in 0..<depth { packed[base + i * panel] = weights[column * depth + i] }
        }
        return packed
    }

    /// `out[r][c] = finish(bias[c] + sum over i of a[r][i] * weights[c][i])`.
    /// - Parameters:
    ///   - a: [rows][depth].
    ///   - packed: as `pack` returns.
    ///   - bias: [columns], padded to whole panels.
    ///   - out: becomes [rows][columns].
    func matrix(
        _ a: FloatBuffer, rows: Int, depth: Int, packed: [Float], bias: [Float], columns: Int, _ finish: Finish,
        into out: FloatBuffer
    ) {
        precondition(a.count == rows * depth && bias.count % FloatKernels.panel == 0 && bias.count >= columns)
        precondition(packed.count == bias.count * depth && finish.skip.map { $0.count == rows * columns } ?? true)
        out.resize(to: rows * columns)
        unsafe finish.withC { finish in
            unsafe a.withElements { a in
                unsafe out.withElements { out in
                    unsafe tsr_float_matrix(
                        build, a.baseAddress, rows, depth, packed, bias, columns, finish, out.baseAddress)
                }
            }
        }
    }

    /// Depthwise convolution of an input [height][width][channels].
    /// - Parameters:
    ///   - weights: [kernel * kernel][channels].
    ///   - out: becomes [out.height][out.width][channels].
    func depthwise(
        _ input: FloatBuffer, _ shape: Shape, _ square: (kernel: Int, stride: Int, padding: Int), _ result: Shape,
        weights: [Float],
        bias: [Float], _ finish: Finish, into out: FloatBuffer
    ) {
        precondition(input.count == shape.count && bias.count >= shape.channels)
        precondition(weights.count == square.kernel * square.kernel * shape.channels)
        precondition(finish.skip.map { $0.count == result.count } ?? true)
        out.resize(to: result.count)
        var window = tsr_float_window(
            height: shape.height, width: shape.width, channels: shape.channels, kernel: square.kernel,
            stride: square.stride, padding: square.padding, out_height: result.height,
            out_width: result.width)
        unsafe finish.withC { finish in
            unsafe input.withElements { input in
                unsafe out.withElements { out in
                    unsafe tsr_float_depthwise(
                        build, input.baseAddress, &window, weights, bias, finish, out.baseAddress)
                }
            }
        }
    }

    /// Finishes every element in place; `x` is [pixels][channels].
    func finish(_ x: FloatBuffer, channels: Int, _ finish: Finish) {
        precondition(x.count % channels == 0 && finish.skip.map { $0.count == x.count } ?? true)
        unsafe finish.withC { finish in
            unsafe x.withElements { x in
                unsafe tsr_float_finish_all(build, x.baseAddress, x.count / channels, channels, finish)
            }
        }
    }
}

// Statistics.
extension FloatKernels {
    /// Least and largest element; NaN where an element is not finite.
    func extent(_ x: FloatBuffer) -> (low: Float, high: Float) {
        var (low, high): (Float, Float) = (0, 0)
        guard x.count > 0 else { return (low, high) }
        unsafe x.withElements { x in unsafe tsr_float_extent(build, x.baseAddress, x.count, &low, &high) }
        return (low, high)
    }

    /// Widens the extents of every channel.
    func channelExtents(_ x: FloatBuffer, low: inout [Float], high: inout [Float]) {
        precondition(low.count == high.count && x.count % low.count == 0)
        let channels = low.count
        unsafe x.withElements { x in
            unsafe tsr_float_channel_extents(build, x.baseAddress, x.count / channels, channels, &low, &high)
        }
    }

    /// Sum over the pixels of every channel.
    func channelSums(_ x: FloatBuffer, channels: Int) -> [Double] {
        precondition(x.count % channels == 0)
        var sums = [Double](repeating: 0, count: channels)
        unsafe x.withElements { x in
            unsafe tsr_float_channel_sums(build, x.baseAddress, x.count / channels, channels, &sums)
        }
        return sums
    }

    /// Counts `floor(x / width) + 4096` in one of two tables that alternate.
    /// - Parameters:
    ///   - width: a power of two.
    ///   - tables: `2 * Histogram.table` counts.
    func histogram(_ x: FloatBuffer, width: Double, tables: inout [UInt32]) {
        precondition(tables.count == 2 * Int(TSR_FLOAT_BINS + 16))
        unsafe x.withElements { x in
            unsafe tsr_float_histogram(build, x.baseAddress, x.count, Float(1 / width), &tables)
        }
    }

    /// Energy of `x` and of `x - scale * y`.
    func noise(_ x: FloatBuffer, _ y: FloatBuffer, scale: Float) -> NoiseRatio {
        precondition(x.count == y.count)
        var ratio = NoiseRatio()
        unsafe x.withElements { x in
            unsafe y.withElements { y in
                unsafe tsr_float_noise(
                    build, x.baseAddress, y.baseAddress, scale, x.count, &ratio.signal, &ratio.noise)
            }
        }
        return ratio
    }

    /// `x` after a trip through bytes of those parameters.
    func quantize(_ x: FloatBuffer, _ params: QuantParams, into y: FloatBuffer) {
        y.resize(to: x.count)
        let zero = Float(params.zeroPoint)
        unsafe x.withElements { x in
            unsafe y.withElements { y in
                unsafe tsr_float_quantize(
                    build, x.baseAddress, x.count, params.scale, -128 - zero, 127 - zero, y.baseAddress)
            }
        }
    }
}
