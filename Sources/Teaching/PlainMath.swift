/// Exponential and logarithm by plain arithmetic: what is taught must come out in the same bits whatever the C library and
/// the CPU.
package enum PlainMath {
    private static let (ln2High, ln2Low) = (0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45)

    /// e^x to about 1e-15 of its value; 0 below -708, infinity above 709.
    package static func exp(_ x: Double) -> Double {
        if x < -708 { return 0 }
        if x > 709 { return .infinity }
        // x = k ln 2 + r, |r| <= 0.347; Taylor's series of e^r ends below 1e-17 after 14 terms.
        let k = (x * 1.4426950408889634).rounded(.toNearestOrEven)
        let r = (x - k * ln2High) - k * ln2Low
        var sum = 1.0
        for n in stride(from: 14.0, through: 1, by: -1) { sum = 1 + sum * r / n }
        return sum * Double(sign: .plus, exponent: Int(k), significand: 1)
    }

    /// Natural logarithm of a positive number, to about 1e-15.
    package static func log(_ x: Double) -> Double {
        let isUpper = x.significand > 1.4142135623730951
        let (m, e) = (isUpper ? x.significand / 2 : x.significand, Double(x.exponent) + (isUpper ? 1 : 0))
        // ln m = 2 artanh z with |z| < 0.1716.
        let z = (m - 1) / (m + 1)
        var (power, sum) = (z, 0.0)
        for k in stride(from: 1.0, through: 21, by: 2) {
            sum += power / k
            power *= z * z
        }
        return 2 * sum + e * 0.6931471805599453
    }

    /// Probabilities of logits divided by a temperature.
    package static func softmax(_ logits: [Double], temperature: Double = 1) -> [Double] {
        let largest = logits.reduce(-Double.infinity, max)
        let powers = logits.map { exp(($0 - largest) / temperature) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// Negative log-likelihood of a label under a temperature.
    package static func loss(_ logits: [Double], label: Int, temperature: Double = 1) -> Double {
        let largest = logits.reduce(-Double.infinity, max)
        let sum = logits.reduce(0) { $0 + exp(($1 - largest) / temperature) }
        return log(sum) - (logits[label] - largest) / temperature
    }
}
