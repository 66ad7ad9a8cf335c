import Glibc

/// A function of one value that is no clamp. An integer graph holds it as a table of 256 bytes.
package enum Activation: String, Hashable, Sendable, CaseIterable {
    /// `1 / (1 + e^-x)`
    case sigmoid
    /// `clamp(x / 6 + 1/2, 0, 1)`
    case hardSigmoid = "hard_sigmoid"
    /// `x * sigmoid(x)`
    case swish
    /// `x * hardSigmoid(x)` (MobileNetV3, arXiv 1905.02244)
    case hardSwish = "hard_swish"

    package func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .sigmoid: 1 / (1 + exp(-x))
        case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
        case .swish: x / (1 + exp(-x))
        case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
        }
    }
}
