package import Graphs
package import Tensors

/// Networks with random weights, for benchmarks and tests: the right structure and realistic ranges, no knowledge.
package enum SyntheticModel {
    /// A float model. Convolutions have He-scaled weights, normalisation is close to the identity.
    /// - Parameters:
    ///   - seed: the same seed gives the same weights on every machine.
    ///   - extent: rows and columns of the input.
    package static func float(
        _ table: NetworkTable, classes: Int = 24, extent: Int = 224, alpha: Double = 1, seed: UInt64 = 1
    ) throws(GraphError) -> FloatModel {
        try float(
            try table.graph(classes: classes, alpha: alpha, height: extent, width: extent), classes: classes, seed: seed
        )
    }

    /// The same for any graph.
    package static func float(_ graph: Graph, classes: Int, seed: UInt64 = 1) throws(GraphError) -> FloatModel {
        var graph = graph
        var random = SplitMix64(seed: seed)
        let quiet = quietBranches(of: graph)
        for spec in try graph.parameterSpecs() {
            let count = spec.count
            let values: [Float]
            switch spec.name {
            case _ where spec.name.hasSuffix(".running_mean"), _ where spec.name.hasSuffix(".bias"):
                values = (0..<count).map { _ in random.float(in: -0.2, 0.2) }
            case _ where spec.name.hasSuffix(".running_var"), _ where spec.dimensions.count == 1:
                let drawn = (0..<count).map { _ in random.float(in: 0.7, 1.4) }
                values = quiet.contains(spec.name) ? drawn.map { $0 / 8 } : drawn
            default:
                // Uniform on [-a, a] has variance a^2 / 3; He wants 2 / fan-in.
                let fanIn = spec.dimensions.dropFirst().reduce(1, *)
                let bound = (6 / Float(fanIn)).squareRoot()
                values = (0..<count).map { _ in random.float(in: -bound, bound) }
            }
            graph.parameters[spec.name] = values
        }
        return FloatModel(
            graph: graph,
            preprocessing: Preprocessing(
                width: graph.input.width, height: graph.input.height, cropFraction: 1, std: 64),
            labels: (0..<classes).map { "class \($0)" }, source: "random weights, seed \(seed)")
    }

    /// Scales of the normalisations that a sum reads, where a network has so many sums that values would double out of
    /// all bounds from one to the next; trained networks keep their branches quiet, too.
    private static func quietBranches(of graph: Graph) -> Set<String> {
        let sums = graph.nodes.filter { node in
            if case .add = node.operation { return true }
            return false
        }
        guard sums.count > 12 else { return [] }
        return Set(
            sums.flatMap(\.sources).filter { $0 > 0 }.map { graph.nodes[$0 - 1] }.compactMap { node in
                if case .batchNorm = node.operation { return "\(node.name).weight" }
                return nil
            })
    }

    /// An int8 model of such weights, calibrated on two pictures of noise.
    package static func quantized(
        _ table: NetworkTable, classes: Int = 24, extent: Int = 224, alpha: Double = 1, seed: UInt64 = 1
    ) throws(QuantizationError) -> Model {
        let model: FloatModel
        do { model = try float(table, classes: classes, extent: extent, alpha: alpha, seed: seed) } catch {
            throw QuantizationError(error)
        }
        return try quantized(model, seed: seed)
    }

    /// The same of any float model.
    package static func quantized(_ model: FloatModel, seed: UInt64 = 1) throws(QuantizationError) -> Model {
        var quantizer = Quantizer(threads: 2, method: .minMax)
        quantizer.correctionImages = 0
        quantizer.measuredImages = 0
        return try quantizer.quantize(model, pictures: PictureSet(pictures(2, of: model.graph.input, seed: seed))).model
    }

    /// Pictures with coarse and fine structure, RGB bytes.
    package static func pictures(_ count: Int, of shape: Shape, seed: UInt64) -> [[UInt8]] {
        var random = SplitMix64(seed: seed ^ 0x9e37)
        return (0..<count).map { _ in
            let base = (0..<shape.channels).map { _ in random.float(in: 40, 215) }
            let slope = (0..<shape.channels).map { _ in random.float(in: -1, 1) * 160 / Float(shape.width) }
            return (0..<shape.count).map { i in
                let (channel, column) = (i % shape.channels, i / shape.channels % shape.width)
                let value = base[channel] + slope[channel] * Float(column) + random.float(in: -30, 30)
                return UInt8(min(max(value, 0), 255))
            }
        }
    }
}
