import Graphs
import Tensors

/// Scales and shifts the channels of values in a lowered graph and makes up for it in whoever reads them.
struct ChannelEditor {
    private(set) var graph: Graph
    let shapes: [Shape]
    /// What was taken from each value, by channel, before any scaling.
    private var shifts: [Int: [Float]] = [:]
    /// Whether any channel changed by more than a tenth.
    private(set) var changed = false

    init(graph: Graph, shapes: [Shape]) {
        (self.graph, self.shapes) = (graph, shapes)
    }

    /// Largest distance of a channel from zero after its shift.
    func reach(_ value: Int, _ channel: Int, _ observed: Observations) -> Float {
        let shift = shifts[value]?[channel] ?? 0
        return max(abs(observed.lows[value][channel] - shift), abs(observed.highs[value][channel] - shift))
    }

    /// Largest weight of a reader for each input channel, in shares of the largest of the same output.
    func columnWeights(_ reader: Int) throws(GraphError) -> [Float] {
        let node = graph.nodes[reader]
        guard case .convolution(let convolution, _) = node.operation else { return [] }
        let inputs = shapes[node.source].channels
        // A depthwise reader has a scale for every channel: all columns are alike.
        if convolution.isDepthwise { return [Float](repeating: 1, count: inputs) }
        let weights = try graph.parameter("\(node.name).weight")
        let taps = convolution.window.taps
        var columns = [Float](repeating: 0, count: inputs)
        for output in 0..<convolution.outputs {
            let row = weights[output * inputs * taps..<(output + 1) * inputs * taps]
            let largest = row.reduce(Float(0)) { max($0, abs($1)) }
            guard largest > 0 else { continue }
            for (i, weight) in row.enumerated() { columns[i / taps] = max(columns[i / taps], abs(weight) / largest) }
        }
        return columns
    }

    /// Takes `shift` from every channel of a linear value; no reader pads.
    mutating func shift(_ value: Int, by shift: [Float], readers: [Int]) throws(GraphError) {
        let producer = graph.nodes[value - 1]
        guard case .convolution(var convolution, let skip) = producer.operation else { return }
        var bias = try graph.bias(of: producer, convolution)
        let brought = skip.flatMap { shifts[$0] }
        for c in bias.indices { bias[c] += (brought?[c] ?? 0) - shift[c] }
        convolution.hasBias = true
        graph.nodes[value - 1].operation = .convolution(convolution, skip: skip)
        graph.parameters["\(producer.name).bias"] = bias
        shifts[value] = shift
        for reader in readers { try absorb(shift, in: reader) }
        if shift.contains(where: { abs($0) > 0.1 }) { changed = true }
    }

    private mutating func absorb(_ shift: [Float], in reader: Int) throws(GraphError) {
        let node = graph.nodes[reader]
        guard case .convolution(var convolution, let skip) = node.operation else { return }
        var bias = try graph.bias(of: node, convolution)
        let weights = try graph.parameter("\(node.name).weight")
        let taps = convolution.window.taps
        let inputs = convolution.isDepthwise ? 1 : shift.count
        for output in bias.indices {
            var sum = 0.0
            for i in 0..<inputs * taps {
                let channel = convolution.isDepthwise ? output : i / taps
                sum += Double(weights[output * inputs * taps + i]) * Double(shift[channel])
            }
            bias[output] = Float(Double(bias[output]) + sum)
        }
        convolution.hasBias = true
        graph.nodes[reader].operation = .convolution(convolution, skip: skip)
        graph.parameters["\(node.name).bias"] = bias
    }

    /// Multiplies every channel of a value and divides the readers' weights.
    mutating func scale(_ value: Int, by factors: [Float], readers: [Int]) throws(GraphError) {
        if factors.contains(where: { $0 > 1.1 || $0 < 0.9 }) { changed = true }
        let producer = graph.nodes[value - 1]
        guard case .convolution(let convolution, _) = producer.operation else { return }
        var weights = try graph.parameter("\(producer.name).weight")
        let perRow = weights.count / convolution.outputs
        for i in weights.indices { weights[i] *= factors[i / perRow] }
        graph.parameters["\(producer.name).weight"] = weights
        if convolution.hasBias {
            var bias = try graph.parameter("\(producer.name).bias")
            for c in bias.indices { bias[c] *= factors[c] }
            graph.parameters["\(producer.name).bias"] = bias
        }
        for reader in readers {
            let node = graph.nodes[reader]
            guard case .convolution(let convolution, _) = node.operation else { continue }
            var weights = try graph.parameter("\(node.name).weight")
            let taps = convolution.window.taps
            for i in weights.indices {
                let channel = convolution.isDepthwise ? i / taps : i / taps % factors.count
                weights[i] /= factors[channel]
            }
            graph.parameters["\(node.name).weight"] = weights
        }
    }
}
