/// A linear classifier on feature bytes: `logits[c] = bias[c] + sum over j of weights[c][j] * q[j]`.
package struct SoftmaxHead: Sendable, Equatable {
    package let classes: Int
    /// [classes][width], per step of a feature byte.
    package let weights: [Double]
    /// [classes]
    package let bias: [Double]

    package init(weights: [Double], bias: [Double]) {
        precondition(!bias.isEmpty && weights.count % bias.count == 0)
        (classes, self.weights, self.bias) = (bias.count, weights, bias)
    }

    package var width: Int { weights.count / classes }

    package func logits(_ row: some Collection<Int8>) -> [Double] {
        precondition(row.count == width)
        let x = row.map(Double.init)
        return (0..<classes).map { label in
            var sum = bias[label]
            let base = label * x.count
            for (j, x) in x.enumerated() { sum += weights[base + j] * x }
            return sum
        }
    }

    /// Weights and biases for real features, `scale * (q - zeroPoint)`: what a dense layer's float weights are.
    package func real(scale: Float, zeroPoint: Int8) -> (weights: [Float], bias: [Float]) {
        let shifted = (0..<classes).map { label in
            let row = weights[label * width..<(label + 1) * width]
            return Float(bias[label] + row.reduce(0, +) * Double(zeroPoint))
        }
        return (weights.map { Float($0 / Double(scale)) }, shifted)
    }
}
