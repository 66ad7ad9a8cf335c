import Tensors

// Validation of the operations without weights.
extension QuantizedGraph {
    /// Checks a node that is no convolution, global pool or dense layer.
    /// - Returns: the shape of its output.
    func checkSimple(_ node: QuantizedNode, input: Shape) throws(GraphError) -> Shape {
        switch node.operation {
        case .table(let table):
            guard table.count == 256 else {
                throw GraphError(node: node.name, message: "has a table of \(table.count) bytes where 256 are needed")
            }
            return input
        case .add(let other, let low, let high):
            guard low <= high else { throw GraphError(node: node.name, message: "clamps to \(low)...\(high)") }
            let sum = 255 * (try ratio(node.source, node) + ratio(other, node))
            try checkRequantized(sum, multiplier: 1, node: node)
            return try ShapeRules.add(node: node.name, input, shape(ofValue: other))
        case .multiply(let other):
            let multiplier = Requantization.productMultiplier(
                first: params(ofValue: node.source).scale, second: params(ofValue: other).scale,
                outputScale: node.params.scale)
            try checkRequantized(255 * 255 * multiplier, multiplier: multiplier, node: node)
            return try ShapeRules.multiply(node: node.name, input, shape(ofValue: other))
        case .pool(let pool):
            if pool.kind == .average {
                let multiplier = Requantization.poolMultiplier(
                    inputScale: params(ofValue: node.source).scale, outputScale: node.params.scale,
                    pixels: pool.countsPadding ? pool.window.taps : 1)
                try checkRequantized(Float(255 * pool.window.taps) * multiplier, multiplier: multiplier, node: node)
            }
            return try ShapeRules.pool(node: node.name, pool, input: input)
        case .concat:
            for source in node.sources {
                try checkRequantized(255 * (try ratio(source, node)), multiplier: 1, node: node)
            }
            return try ShapeRules.concat(node: node.name, node.sources.map { shape(ofValue: $0) })
        case .select(let selection): return try ShapeRules.select(node: node.name, selection, input: input)
        case .groupMaximum(let size):
            return try ShapeRules.groupMaximum(node: node.name, size: size, input: input)
        case .convolution, .globalAveragePool, .dense: preconditionFailure("these are checked elsewhere")
        }
    }

    private func ratio(_ value: Int, _ node: QuantizedNode) throws(GraphError) -> Float {
        let ratio = Requantization.skipMultiplier(
            skipScale: params(ofValue: value).scale, outputScale: node.params.scale)
        guard ratio.isNormal else { throw GraphError(node: node.name, message: "scales its input by \(ratio)") }
        return ratio
    }

    func checkInputPadding() throws(GraphError) {
        guard !inputPadding.isEmpty else { return }
        guard inputPadding.count == input.channels else {
            throw GraphError(node: "input", message: "padding \(inputPadding) is not one byte a channel")
        }
        for node in nodes where node.sources.contains(0) {
            if case .convolution(let convolution, let skip) = node.operation, !convolution.isDepthwise, skip != 0 {
                continue
            }
            throw GraphError(
                node: node.name, message: "reads an input whose padding is not pixel 128; only full convolutions may")
        }
    }
}
