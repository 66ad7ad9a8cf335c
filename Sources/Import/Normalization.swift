import Graphs

/// How a network was trained to see pixels: `(pixel / 255 - mean) / std`, a channel.
package struct Normalization: Hashable, Sendable {
    /// Shares of 255.
    package var mean: [Float]
    package var std: [Float]

    package init(mean: [Float], std: [Float]) {
        self.mean = mean
        self.std = std
    }

    /// Of ImageNet, as torchvision and timm train.
    package static let imageNet = Normalization(mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225])

    /// Whether the numbers can be: three of each, of a size that pictures have, no deviation of zero.
    package var isUsable: Bool {
        mean.count == 3 && std.count == 3 && mean.allSatisfy { abs($0) < 1e4 }
            && std.allSatisfy { (1e-4...1e3).contains($0) }
    }
}

extension Graph {
    /// The same function of pixels for an input `(pixel - 128) / own`: the normalisation goes into the convolutions that
    /// read the input, and zeros of the trained network's padding become the mean pixel.
    /// - Parameters:
    ///   - readsBlueFirst: whether the trained network's first channel is blue; ours is red.
    ///   - own: pixels per real unit of our input.
    /// - Throws: when something else than a full convolution reads the input.
    func absorbing(
        _ normalization: Normalization, readsBlueFirst: Bool = false, own: Float
    ) throws(ImportFault) -> Graph {
        var graph = self
        // trained = ours * factor + shift
        let factors = normalization.std.map { Double(own) / (255 * Double($0)) }
        let shifts = zip(normalization.mean, normalization.std).map { (128.0 / 255 - Double($0)) / Double($1) }
        var isPadded = false
        for (index, node) in nodes.enumerated() where node.sources.contains(0) {
            guard case .convolution(var convolution, nil) = node.operation, !convolution.isDepthwise,
                convolution.groups == 1, let weights = parameters["\(node.name).weight"]
            else {
                throw ImportFault(
                    "node \(node.name): reads the input but is no full convolution, so the normalisation cannot go into it"
                )
            }
            isPadded = isPadded || !convolution.window.padding.isEmpty
            let taps = convolution.window.taps
            var bias = (parameters["\(node.name).bias"] ?? [Float](repeating: 0, count: convolution.outputs)).map {
                Double($0)
            }
            var scaled = weights
            for i in weights.indices {
                let channel = i / taps % 3
                let place = readsBlueFirst ? i + (2 - 2 * channel) * taps : i
                scaled[place] = Float(Double(weights[i]) * factors[channel])
                bias[i / (3 * taps)] += Double(weights[i]) * shifts[channel]
            }
            convolution.hasBias = true
            graph.nodes[index].operation = .convolution(convolution, skip: nil)
            graph.parameters["\(node.name).weight"] = scaled
            graph.parameters["\(node.name).bias"] = bias.map { Float($0) }
        }
        var padding = zip(factors, shifts).map { Float(-$1 / $0) }
        if readsBlueFirst { padding.reverse() }
        graph.inputPadding = isPadded && padding.contains { abs($0) > 1e-6 } ? padding : []
        return graph
    }

    /// Without nodes whose output nobody reads, the last one excepted.
    func withoutDeadNodes() -> Graph {
        var isLive = [Bool](repeating: false, count: nodes.count + 1)
        isLive[nodes.count] = true
        for (index, node) in nodes.enumerated().reversed() where isLive[index + 1] {
            for value in node.sources { isLive[value] = true }
        }
        var graph = Graph(network: network, input: input, nodes: [])
        graph.inputPadding = inputPadding
        var numbers = [0]
        for (index, node) in nodes.enumerated() {
            if isLive[index + 1] {
                graph.nodes.append(node.reading { numbers[$0] })
                for suffix in ["weight", "bias", "running_mean", "running_var"] {
                    graph.parameters["\(node.name).\(suffix)"] = parameters["\(node.name).\(suffix)"]
                }
            }
            numbers.append(graph.nodes.count)
        }
        return graph
    }
}
