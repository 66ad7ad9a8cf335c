/// Inner loops of the float interpreter: plain formulas, shaped so that the compiler keeps sums in vector registers.
/// Activations are [pixels][channels], row after row.
enum FloatKernels {
    /// Columns of a panel of packed weights.
    static let panel = 8

    /// Reorders [columns][depth] weights to panels [columns / 8][depth][8], padded with zero columns.
    static func pack(_ weights: [Float], columns: Int, depth: Int) -> [Float] {
        let panels = (columns + panel - 1) / panel
        var packed = [Float](repeating: 0, count: panels * depth * panel)
        for column in 0..<columns {
            let base = column / panel * depth * panel + column % panel
            for i in 0..<depth { packed[base + i * panel] = weights[column * depth + i] }
        }
        return packed
    }

    /// `out[r][c] = bias[c] + sum over i of a[r][i] * weights[c][i]`.
    /// - Parameters:
    ///   - a: [rows][depth].
    ///   - packed: as `pack` returns.
    ///   - bias: [columns].
    /// - Returns: [rows][columns].
    static func multiply(_ a: [Float], rows: Int, depth: Int, packed: [Float], bias: [Float], columns: Int) -> [Float] {
        precondition(a.count == rows * depth && bias.count == columns)
        precondition(packed.count == (columns + panel - 1) / panel * depth * panel)
        let paddedBias = bias + [Float](repeating: 0, count: panel)
        return unsafe [Float](unsafeUninitializedCapacity: rows * columns) { out, count in
            unsafe a.withUnsafeBufferPointer { a in
                unsafe packed.withUnsafeBufferPointer { packed in
                    unsafe paddedBias.withUnsafeBufferPointer { bias in
                        guard let a = a.baseAddress, let packed = packed.baseAddress, let bias = bias.baseAddress,
                            let out = out.baseAddress
                        else { return }
                        unsafe multiply(a, rows: rows, depth: depth, packed, bias, columns: columns, out)
                    }
                }
            }
            count = rows * columns
        }
    }

    /// Blocks of rows small enough to stay in the second-level cache while all panels pass over them.
    private static func multiply(
        _ a: UnsafePointer<Float>, rows: Int, depth: Int, _ packed: UnsafePointer<Float>, _ bias: UnsafePointer<Float>,
        columns: Int, _ out: UnsafeMutablePointer<Float>
    ) {
        for block in stride(from: 0, to: rows, by: 48) {
            let end = min(rows, block + 48)
            for column in stride(from: 0, to: columns, by: panel) {
                let weights = unsafe packed + column * depth
                let start = unsafe vector(bias + column)
                let width = min(panel, columns - column)
                var row = block
                while row + 6 <= end {
                    unsafe six(a + row * depth, depth, weights, start, out + row * columns + column, columns, width)
                    row += 6
                }
                while row < end {
                    var sum = start
                    let values = unsafe a + row * depth
                    for i in 0..<depth { unsafe sum += vector(weights + i * panel) * values[i] }
                    unsafe store(sum, out + row * columns + column, width)
                    row += 1
                }
            }
        }
    }

    /// Six rows by one panel.
    @inline(__always) private static func six(
        _ a: UnsafePointer<Float>, _ depth: Int, _ weights: UnsafePointer<Float>, _ start: SIMD8<Float>,
        _ out: UnsafeMutablePointer<Float>, _ columns: Int, _ width: Int
    ) {
        var (s0, s1, s2, s3, s4, s5) = (start, start, start, start, start, start)
        for i in 0..<depth {
            let w = unsafe vector(weights + i * panel)
            unsafe s0 += w * a[i]
            unsafe s1 += w * a[depth + i]
            unsafe s2 += w * a[2 * depth + i]
            unsafe s3 += w * a[3 * depth + i]
            unsafe s4 += w * a[4 * depth + i]
            unsafe s5 += w * a[5 * depth + i]
        }
        unsafe store(s0, out, width)
        unsafe store(s1, out + columns, width)
        unsafe store(s2, out + 2 * columns, width)
        unsafe store(s3, out + 3 * columns, width)
        unsafe store(s4, out + 4 * columns, width)
        unsafe store(s5, out + 5 * columns, width)
    }

    /// Depthwise convolution.
    /// - Parameters:
    ///   - input: [height][width][channels].
    ///   - weights: [kernel * kernel][channels].
    ///   - bias: [channels].
    /// - Returns: [outHeight][outWidth][channels].
    static func depthwise(
        _ input: [Float], height: Int, width: Int, channels: Int, weights: [Float], bias: [Float], kernel: Int,
        stride: Int, padding: Int, outHeight: Int, outWidth: Int
    ) -> [Float] {
        precondition(input.count == height * width * channels && bias.count == channels)
        precondition(weights.count == kernel * kernel * channels)
        let total = outHeight * outWidth * channels
        return unsafe [Float](unsafeUninitializedCapacity: total) { out, count in
            unsafe input.withUnsafeBufferPointer { input in
                unsafe weights.withUnsafeBufferPointer { weights in
                    for y in 0..<outHeight {
                        for x in 0..<outWidth {
                            let pixel = unsafe UnsafeMutableBufferPointer(
                                rebasing: out[(y * outWidth + x) * channels..<(y * outWidth + x + 1) * channels])
                            _ = unsafe pixel.initialize(from: bias)
                            for ky in 0..<kernel {
                                let sourceY = y * stride + ky - padding
                                guard (0..<height).contains(sourceY) else { continue }
                                for kx in 0..<kernel {
                                    let sourceX = x * stride + kx - padding
                                    guard (0..<width).contains(sourceX) else { continue }
                                    let source = unsafe UnsafeBufferPointer(
                                        rebasing: input[
                                            (sourceY * width + sourceX) * channels..<(sourceY * width + sourceX + 1)
                                                * channels])
                                    let tap = unsafe UnsafeBufferPointer(
                                        rebasing: weights[
                                            (ky * kernel + kx) * channels..<(ky * kernel + kx + 1) * channels])
                                    unsafe addProducts(source, tap, to: pixel)
                                }
                            }
                        }
                    }
                }
            }
            count = total
        }
    }

    /// `sums[i] += a[i] * b[i]` over equal counts.
    @inline(__always) private static func addProducts(
        _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, to sums: UnsafeMutableBufferPointer<Float>
    ) {
        guard let a = a.baseAddress, let b = b.baseAddress, let out = sums.baseAddress else { return }
        var i = 0
        while i + panel <= sums.count {
            let sum = unsafe vector(UnsafePointer(out) + i) + vector(a + i) * vector(b + i)
            unsafe store(sum, out + i, panel)
            i += panel
        }
        while i < sums.count {
            unsafe out[i] += a[i] * b[i]
            i += 1
        }
    }

    @inline(__always) private static func vector(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
        unsafe UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always) private static func store(
        _ values: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ width: Int
    ) {
        if width == panel {
            unsafe UnsafeMutableRawPointer(pointer).storeBytes(of: values, as: SIMD8<Float>.self)
        } else {
            for i in 0..<width { unsafe pointer[i] = values[i] }
        }
    }
}
