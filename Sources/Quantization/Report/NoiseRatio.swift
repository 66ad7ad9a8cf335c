/// Energy of a signal and of the noise on it; sums of squares.
package struct NoiseRatio: Hashable, Sendable {
    package var signal = 0.0
    package var noise = 0.0

    package init(signal: Double = 0, noise: Double = 0) {
        self.signal = signal
        self.noise = noise
    }

    static func += (sum: inout NoiseRatio, other: NoiseRatio) {
        sum.signal += other.signal
        sum.noise += other.noise
    }

    /// Noise over signal; infinite where there is noise alone, 0 where there is nothing.
    package var relative: Double { noise == 0 ? 0 : noise / signal }

    /// Infinite when there is no noise, nil when there is no signal.
    package var decibels: Double? {
        guard signal > 0 else { return nil }
        return noise == 0 ? .infinity : 10 * (signal / noise).logarithm10
    }
}
