import Glibc

extension Double {
    /// Decimal logarithm; here so that no other file needs the C library. For showing.
    var logarithm10: Double { log10(self) }

    /// Natural logarithm of a positive number by plain arithmetic, to about 1e-15: what decides about a model has to
    /// give the same bits whatever the C library and the CPU.
    var plainLogarithm: Double {
        let isUpper = significand > 1.4142135623730951
        let (m, e) = (isUpper ? significand / 2 : significand, Double(exponent) + (isUpper ? 1 : 0))
        // ln m = 2 artanh z with |z| < 0.1716.
        let z = (m - 1) / (m + 1)
        var (power, sum) = (z, 0.0)
        for k in stride(from: 1.0, through: 21, by: 2) {
            sum += power / k
            power *= z * z
        }
        return 2 * sum + e * 0.6931471805599453
    }
}
