/// How often each size of value occurs in a tensor, in bounded memory. Bins are `width` wide, a power of two, and aligned
/// to zero; when a value does not fit, pairs of bins merge. Bin i counts values in [i * width, (i + 1) * width).
struct Histogram: Sendable {
    /// Bins on each side of zero.
    static let half = 4096
    /// Counts in one of the two tables that the counting loop fills: bins, then exact zeros.
    static let table = 2 * half + 16

    private(set) var width: Double = 0x1p-24
    /// Bin i is at index i + half. Zeros are counted apart.
    private(set) var counts = [UInt64](repeating: 0, count: 2 * Histogram.half)
    /// Values that are exactly zero, which any quantization represents exactly.
    private(set) var zeros: UInt64 = 0
    private(set) var minimum: Float = .infinity
    private(set) var maximum: Float = -.infinity

    /// Values counted, zeros included.
    private(set) var total: UInt64 = 0

    /// Adds every element; all are finite.
    mutating func add(_ elements: [Float]) {
        guard !elements.isEmpty else { return }
        let (buffer, kernels) = (FloatBuffer(elements), FloatKernels())
        let extent = kernels.extent(buffer)
        add(buffer, low: extent.low, high: extent.high, kernels, FloatWorkspace())
    }

    /// Adds every element.
    /// - Parameters:
    ///   - low: the least of them, finite.
    ///   - high: the largest of them, finite.
    mutating func add(
        _ elements: FloatBuffer, low: Float, high: Float, _ kernels: FloatKernels, _ workspace: FloatWorkspace
    ) {
        minimum = min(minimum, low)
        maximum = max(maximum, high)
        grow(toHold: Double(max(abs(low), abs(high))))
        total += UInt64(elements.count)
        for i in workspace.tables.indices { workspace.tables[i] = 0 }
        kernels.histogram(elements, width: width, tables: &workspace.tables)
        let second = Histogram.table
        for i in counts.indices { counts[i] += UInt64(workspace.tables[i]) + UInt64(workspace.tables[second + i]) }
        zeros += UInt64(workspace.tables[counts.count]) + UInt64(workspace.tables[second + counts.count])
    }

    /// Adds what another histogram has counted.
    mutating func add(_ other: Histogram) {
        var other = other
        let common = max(width, other.width)
        widen(to: common)
        other.widen(to: common)
        for i in counts.indices { counts[i] += other.counts[i] }
        zeros += other.zeros
        total += other.total
        minimum = min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
    }

    private mutating func grow(toHold magnitude: Double) {
        var wanted = width
        while magnitude >= wanted * Double(Histogram.half) { wanted *= 2 }
        widen(to: wanted)
    }

    private mutating func widen(to wanted: Double) {
        guard total > 0 else {
            width = max(width, wanted)
            return
        }
        while width < wanted {
            var merged = [UInt64](repeating: 0, count: counts.count)
            for i in counts.indices where counts[i] > 0 {
                merged[(i - Histogram.half) >> 1 + Histogram.half] += counts[i]
            }
            counts = merged
            width *= 2
        }
    }

    /// The value below which the share `share` of all values lies, to within a bin; clipped to what occurred.
    func percentile(_ share: Double) -> Float {
        let target = Double(total) * share
        var sum = 0.0
        for i in counts.indices {
            // Zeros stand at the start of bin 0.
            if i == Histogram.half { sum += Double(zeros) }
            if i == Histogram.half && sum >= target && zeros > 0 { return 0 }
            sum += Double(counts[i])
            if sum >= target && counts[i] > 0 {
                return min(maximum, max(minimum, Float(Double(i + 1 - Histogram.half) * width)))
            }
        }
        return maximum
    }

    /// The bins that hold anything, for the search of a range.
    var occupiedBins: OccupiedBins {
        let occupied = counts.indices.filter { counts[$0] > 0 }
        return OccupiedBins(
            centres: occupied.map { (Double($0 - Histogram.half) + 0.5) * width },
            counts: occupied.map { Double(counts[$0]) })
    }
}

/// The bins of a histogram that hold anything; zeros, which cost nothing, are left out.
struct OccupiedBins {
    let centres: [Double]
    let counts: [Double]

    /// Expected squared error, summed over all values, of 8-bit quantization to [low, high]: a twelfth of a squared step
    /// within (values spread evenly between steps), the squared distance to the bound outside.
    func squaredError(low: Double, high: Double) -> Double {
        let step = (high - low) / 255
        let inside = step * step / 12
        var sum = 0.0
        for i in centres.indices {
            let centre = centres[i]
            let distance = centre < low ? low - centre : centre > high ? centre - high : 0
            sum += counts[i] * (inside + distance * distance)
        }
        return sum
    }
}
