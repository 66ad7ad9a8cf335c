/// Weights as a quantized file holds them: whole numbers, and the real value of a step.
struct QuantizedConstant: Sendable {
    /// Less the zero point; in the tensor's own order.
    var steps: [Int]
    /// One, or one for each index along `axis`.
    var scales: [Float]
    var axis: Int
    /// Extents, outermost first.
    var shape: [Int]

    /// Real values.
    var floats: [Float] {
        let (channels, inner) = layout
        return steps.indices.map { Float(steps[$0]) * scales[scales.count == 1 ? 0 : $0 / inner % channels] }
    }

    /// Extent of the axis, and elements from one of its indices to the next.
    private var layout: (channels: Int, inner: Int) {
        guard scales.count > 1 else { return (1, 1) }
        return (shape[axis], shape[(axis + 1)...].reduce(1, *))
    }

    /// The same with a scale for each output.
    /// - Throws: when scales run along another axis, or a weight is none of ours.
    func perOutput(_ outputs: Int, axis wanted: Int, title: String) throws(ImportFault) -> QuantizedConstant {
        guard scales.count == 1 || (axis == wanted && scales.count == outputs) else {
            throw ImportFault(
                "\(title): its weights are quantized along axis \(axis); one scale an output is supported")
        }
        guard steps.allSatisfy({ (-127...127).contains($0) }) else {
            throw ImportFault(
                "\(title): has weights beyond 127 steps (zero points other than the middle, or -128); quantize its weights "
                    + "symmetrically in int8")
        }
        var own = self
        if scales.count == 1 { own.scales = [Float](repeating: scales[0], count: outputs) }
        own.axis = wanted
        return own
    }

    /// A matrix the other way round.
    func transposed(rows: Int, columns: Int) -> QuantizedConstant {
        var own = self
        for row in 0..<rows {
            for column in 0..<columns { own.steps[column * rows + row] = steps[row * columns + column] }
        }
        (own.shape, own.axis) = ([columns, rows], 1 - min(1, axis))
        return own
    }
}
