/// Applies a horizontal and a vertical `FilterTable` to RGB bytes. Two passes as in PIL: across, rounded to bytes, then down.
/// Owns the bytes between the passes; they are reused.
@safe struct Resampler {
    /// [rows the vertical table reads][output width][3]
    private var between: [UInt8] = []

    /// Resizes.
    /// - Parameters:
    ///   - source: RGB rows; pixel (x, y) of the picture is at `(y - originY) * sourceStride + (x - originX) * 3`. Holds all
    ///     pixels that the tables read.
    ///   - destination: row r of the result goes to `origin + r * rowStride`, 3 bytes a pixel; checked by the caller.
    mutating func resize(
        _ source: [UInt8], sourceStride: Int, originX: Int, originY: Int,
        across: borrowing FilterTable, down: borrowing FilterTable,
        into destination: inout MutableSpan<UInt8>, rowStride: Int, origin: Int
    ) {
        let width = across.first.count
        let height = down.first.count
        let rows = down.highest - down.lowest
        let rowBytes = width * 3
        precondition(
            down.lowest >= originY && across.lowest >= originX
                && (down.highest - 1 - originY) * sourceStride + (across.highest - originX) * 3 <= source.count,
            "the source holds every pixel that is read")
        precondition(
            origin >= 0 && rowStride >= rowBytes && origin + (height - 1) * rowStride + rowBytes <= destination.count,
            "the destination holds every row")
        if between.count < rows * rowBytes {
            between = [UInt8](repeating: 0, count: rows * rowBytes)
        }
        unsafe source.withUnsafeBufferPointer { source in
            unsafe between.withUnsafeMutableBufferPointer { between in
                guard let start = source.baseAddress, let middle = between.baseAddress else { return }
                for row in 0..<rows {
                    let line = unsafe start + ((row + down.lowest - originY) * sourceStride - originX * 3)
                    unsafe Resampler.filterAcross(line, across, middle + row * rowBytes)
                }
            }
        }
        unsafe between.withUnsafeBufferPointer { between in
            unsafe destination.withUnsafeMutableBufferPointer { destination in
                guard let middle = between.baseAddress, let target = destination.baseAddress else { return }
                for row in 0..<height {
                    unsafe Resampler.filterDown(
                        middle + (Int(down.first[row]) - down.lowest) * rowBytes, rowBytes, down, row,
                        target + (origin + row * rowStride))
                }
            }
        }
    }

    /// One row: [input width][3] to [output width][3].
    private static func filterAcross(
        _ source: UnsafePointer<UInt8>, _ table: borrowing FilterTable, _ target: UnsafeMutablePointer<UInt8>
    ) {
        let half: Int32 = 1 << (FilterTable.precisionBits - 1)
        let stride = table.stride
        unsafe table.weights.withUnsafeBufferPointer { weights in
            unsafe table.first.withUnsafeBufferPointer { first in
                unsafe table.taps.withUnsafeBufferPointer { taps in
                    for index in 0..<first.count {
                        var pixel = unsafe source + Int(first[index]) &* 3
                        let base = index &* stride
                        var (red, green, blue) = (half, half, half)
                        for tap in 0..<Int(unsafe taps[index]) {
                            let weight = unsafe weights[base &+ tap]
                            unsafe red &+= Int32(pixel[0]) &* weight
                            unsafe green &+= Int32(pixel[1]) &* weight
                            unsafe blue &+= Int32(pixel[2]) &* weight
                            unsafe pixel += 3
                        }
                        // Weights are not negative and sum to 2^22 give or take their rounding: clamp at the top only.
                        let out = unsafe target + index &* 3
                        unsafe out[0] = UInt8(truncatingIfNeeded: min(255, red &>> FilterTable.precisionBits))
                        unsafe out[1] = UInt8(truncatingIfNeeded: min(255, green &>> FilterTable.precisionBits))
                        unsafe out[2] = UInt8(truncatingIfNeeded: min(255, blue &>> FilterTable.precisionBits))
                    }
                }
            }
        }
    }

    /// One row of the result from the rows that follow `source`; the inner loop runs along the row and vectorises.
    private static func filterDown(
        _ source: UnsafePointer<UInt8>, _ rowBytes: Int, _ table: borrowing FilterTable, _ row: Int,
        _ target: UnsafeMutablePointer<UInt8>
    ) {
        let half: Int32 = 1 << (FilterTable.precisionBits - 1)
        let base = row * table.stride
        let taps = Int(table.taps[row])
        unsafe table.weights.withUnsafeBufferPointer { weights in
            let weights = unsafe UnsafeBufferPointer(rebasing: weights[base..<(base + taps)])
            var x = 0
            while x < rowBytes {
                // 16 columns at a time keeps the sums in registers.
                if x &+ 16 <= rowBytes {
                    var sums = SIMD16<Int32>(repeating: half)
                    for tap in 0..<taps {
                        let bytes = unsafe UnsafeRawPointer(source + (tap &* rowBytes &+ x))
                            .loadUnaligned(as: SIMD16<UInt8>.self)
                        unsafe sums &+= SIMD16<Int32>(truncatingIfNeeded: bytes) &* weights[tap]
                    }
                    let shifted = (sums &>> FilterTable.precisionBits).clamped(
                        lowerBound: SIMD16(repeating: 0), upperBound: SIMD16(repeating: 255))
                    unsafe UnsafeMutableRawPointer(target + x).storeBytes(
                        of: SIMD16<UInt8>(truncatingIfNeeded: shifted), as: SIMD16<UInt8>.self)
                    x &+= 16
                } else {
                    var sum = half
                    for tap in 0..<taps {
                        unsafe sum &+= Int32(source[tap &* rowBytes &+ x]) &* weights[tap]
                    }
                    unsafe target[x] = UInt8(truncatingIfNeeded: min(255, sum &>> FilterTable.precisionBits))
                    x &+= 1
                }
            }
        }
    }
}
