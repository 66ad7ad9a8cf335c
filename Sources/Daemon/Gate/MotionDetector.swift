package import Imaging

/// How much must move before a frame is looked at.
package enum MotionSensitivity: String, CaseIterable, Sendable {
    case low, medium, high

    /// Steps of luma, of 255, by which a cell must differ from what the light explains.
    var cellThreshold: Float {
        switch self {
        case .low: 12
        case .medium: 6
        case .high: 4
        }
    }

    /// Share of the cells that must differ. One cell is about 8x8 pixels of 640x480.
    var share: Double {
        switch self {
        case .low: 0.02
        case .medium: 0.004
        case .high: 0.001
        }
    }

    /// Cells that must differ at least: one alone may be a camera's spoilt block.
    static let leastCells = 2
}

/// Compares a picture with an earlier one. Pure; about ten microseconds.
///
/// Light that changes everywhere alike is no motion: the new picture is fitted as gain * old + offset (least squares, then
/// once more without the cells that do not fit), and only what the fit leaves over counts. Cells that clip at either end are
/// left out where clipping explains them. A light that is switched (gain or offset beyond the limits) is a change: what
/// the network sees is another picture. Sensor noise raises the threshold by its own size, as the residuals tell it.
package struct MotionDetector: Sendable {
    /// Gains and offsets (of 255) of daylight, clouds and automatic exposure.
    static let gains: ClosedRange<Float> = 0.6...1.67
    static let offsets: ClosedRange<Float> = -48...48
    /// Brightnesses from which on a cell may be clipped.
    static let (dark, bright): (Float, Float) = (6, 249)
    /// Deviations of the noise that a cell's change must exceed, and the largest noise that is put up with.
    static let (noiseFactor, noiseMost): (Float, Float) = (4.5, 3)

    package let sensitivity: MotionSensitivity
    private var residuals: [Float] = []

    package init(_ sensitivity: MotionSensitivity) { self.sensitivity = sensitivity }

    /// What a comparison found, for tests and figures.
    package struct Finding: Hashable, Sendable {
        package var moved: Bool
        package var gain: Float
        package var offset: Float
        /// Cells that differ by more than `threshold`.
        package var cells: Int
        package var threshold: Float
    }

    /// Pictures of different extents differ.
    package mutating func compare(_ old: LumaGrid, _ new: LumaGrid) -> Finding {
        guard old.width == new.width, old.height == new.height, !old.cells.isEmpty else {
            return Finding(moved: true, gain: 1, offset: 0, cells: new.cells.count, threshold: 0)
        }
        if residuals.count != new.cells.count { residuals = [Float](repeating: 0, count: new.cells.count) }
        var (gain, offset) = fit(old.cells, new.cells, limit: .infinity)
        subtract(old.cells, new.cells, gain, offset)
        // Twice: something large that moved bends the first line.
        for _ in 0..<2 {
            (gain, offset) = fit(old.cells, new.cells, limit: threshold())
            subtract(old.cells, new.cells, gain, offset)
        }
        let threshold = threshold()
        let cells = residuals.count { abs($0) > threshold }
        let needed = max(MotionSensitivity.leastCells, Int(sensitivity.share * Double(residuals.count)))
        let isLight = MotionDetector.gains.contains(gain) && MotionDetector.offsets.contains(offset)
        return Finding(
            moved: cells >= needed || !isLight, gain: gain, offset: offset, cells: cells, threshold: threshold)
    }

    /// Gain and offset of the cells whose residual is at most `limit` and that do not clip.
    private func fit(_ old: [UInt8], _ new: [UInt8], limit: Float) -> (gain: Float, offset: Float) {
        var (count, a, b, aa, ab): (Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0)
        for index in old.indices where abs(residuals[index]) <= limit || limit == .infinity {
            let (x, y) = (Int(old[index]), Int(new[index]))
            guard x > 6, x < 249, y > 6, y < 249 else { continue }
            count += 1
            a += x
            b += y
            aa += x * x
            ab += x * y
        }
        guard count * 8 >= old.count else {
            // Too little is left to tell light from motion: no light, then.
            return (1, 0)
        }
        let spread = Float(count * aa - a * a) / Float(count * count)
        // A picture without contrast has no gain.
        guard spread > 16 else { return (1, Float(b - a) / Float(count)) }
        let gain = Float(count * ab - a * b) / Float(count * aa - a * a)
        return (gain, (Float(b) - gain * Float(a)) / Float(count))
    }

    private mutating func subtract(_ old: [UInt8], _ new: [UInt8], _ gain: Float, _ offset: Float) {
        for index in old.indices {
            let (x, y) = (Float(old[index]), Float(new[index]))
            let expected = min(255, max(0, gain * x + offset))
            let residual = y - expected
            // What was clipped before may have been anything beyond, and what is clipped now may be.
            let isHidden =
                (x >= MotionDetector.bright && residual > 0) || (x <= MotionDetector.dark && residual < 0)
                || (y >= MotionDetector.bright && residual < 0) || (y <= MotionDetector.dark && residual > 0)
            residuals[index] = isHidden && (gain != 1 || offset != 0) ? 0 : residual
        }
    }

    /// The cell's threshold: the setting's, or what the noise calls for, from the median residual.
    private func threshold() -> Float {
        var histogram = [Int](repeating: 0, count: 129)
        for residual in residuals { histogram[min(128, Int(abs(residual) * 8))] += 1 }
        var (seen, bin) = (0, 0)
        while bin < 128, seen + histogram[bin] < (residuals.count + 1) / 2 {
            seen += histogram[bin]
            bin += 1
        }
        let deviation = 1.4826 * (Float(bin) + 0.5) / 8
        return max(
            sensitivity.cellThreshold,
            MotionDetector.noiseFactor * min(deviation, MotionDetector.noiseMost))
    }
}
