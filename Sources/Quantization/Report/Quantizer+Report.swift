import Graphs
import Tensors

extension Quantizer {
    /// Measures the winner once more, on more pictures and layer by layer.
    func report(
        _ best: Competition.Entry, _ competition: Competition, _ split: PictureSplit, _ observed: Observations
    ) throws(QuantizationError) -> QuantizationReport {
        let (pictures, graph) = (competition.pictures, best.float.graph)
        let fidelity = try LogitFidelity.measure(
            best.graph, against: competition.logits, pictures: pictures, using: split.heldBack, threads: threads)
        let analysis = try LayerAnalysis.measure(
            best.float, best.graph, pictures: pictures,
            using: measuredImages == 0 ? [] : PictureSet.spread(layerImages, over: split.heldBack), threads: threads)
        var layers = graph.nodes.indices.map { index in
            let isLast = index == graph.nodes.count - 1
            let (histogram, range) = (best.observed.histograms[index + 1], best.ranges[index + 1])
            let weights = graph.parameters["\(graph.nodes[index].name).weight"] ?? [0]
            let own = analysis.layers[index]
            let seen = histogram.total == 0 ? 0...0 : histogram.minimum...histogram.maximum
            return QuantizationReport.Layer(
                name: graph.nodes[index].name, sqnrDecibels: own.cumulative.decibels,
                cumulativeNoise: own.cumulative.relative, ownNoise: own.own.relative,
                weightNoise: own.weights.relative, activationNoise: own.activations.relative,
                weightRange: weights.reduce(weights[0], min)...weights.reduce(weights[0], max), observedRange: seen,
                quantizedRange: isLast ? seen : range.low...range.high,
                method: isLast ? "logits" : range.method.description, deadChannels: best.deadChannels[index].count,
                histogram: isLast ? [] : histogram.shares(48))
        }
        for (index, node) in graph.nodes.enumerated() {
            let weights = graph.parameters["\(node.name).weight"] ?? []
            let crest = LayerDiagnosis.crest(weights, rows: best.float.shapes[index + 1].channels)
            let sources = node.sources.filter { $0 > 0 }.map { layers[$0 - 1] }
            layers[index].why = LayerDiagnosis(layer: layers[index], sources: sources, crest: crest).text
        }
        let numbers = split.fitted
        let spread = RangeSpread(observed, numbers: numbers, names: graph.nodes.map(\.name))
        var steps = competition.steps
        for index in steps.indices { steps[index].isChosen = best.description == steps[index].name }
        return QuantizationReport(
            layers: layers, steps: steps, outputDecibels: fidelity.decibels, agreement: fidelity.agreement,
            measuredImages: fidelity.pictures, calibrationImages: pictures.count, method: best.description,
            spread: spread, floatLogits: competition.logits,
            warnings: warnings(layers, best, pictures: pictures.count))
    }

    private func warnings(
        _ layers: [QuantizationReport.Layer], _ best: Competition.Entry, pictures: Int
    ) -> [String] {
        var warnings: [String] = []
        if pictures < Quantizer.fewImages {
            warnings.append("only \(pictures) calibration pictures; use at least \(Quantizer.fewImages)")
        }
        for (index, layer) in layers.enumerated() {
            if layer.deadChannels > 0 {
                let channels = best.float.shapes[index + 1].channels
                warnings.append("\(layer.name): \(layer.deadChannels) of \(channels) channels are dead")
            }
            if let decibels = layer.sqnrDecibels, decibels < 10 {
                warnings.append("\(layer.name): its signal-to-noise ratio is under 10 dB")
            }
            if layer.sqnrDecibels == nil && measuredImages > 0 {
                warnings.append("\(layer.name): its output is always zero")
            }
        }
        return warnings
    }
}

extension Histogram {
    /// Shares of the values in equal parts of what occurred; zeros are left out.
    fileprivate func shares(_ parts: Int) -> [Double] {
        var shares = [Double](repeating: 0, count: parts)
        let (low, high) = (Double(minimum), Double(maximum))
        guard total > zeros, high > low else { return shares }
        let bins = occupiedBins
        for (centre, count) in zip(bins.centres, bins.counts) {
            let part = Int((centre - low) / (high - low) * Double(parts))
            shares[min(max(part, 0), parts - 1)] += count / Double(total - zeros)
        }
        return shares
    }
}
