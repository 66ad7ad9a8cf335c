import Graphs
import Tensors

/// How well an integer graph's logits follow the float network's on some pictures.
struct LogitFidelity: Sendable {
    /// Of the logits as they are.
    private(set) var plain = NoiseRatio()
    /// Of the logits less their mean in each picture: what softmax sees. Decides between methods.
    private(set) var centred = NoiseRatio()
    /// Pictures whose best class is the same in both.
    private(set) var agreements = 0
    private(set) var pictures = 0

    /// In [0, 1]; 1 when there were no pictures.
    var agreement: Double { pictures == 0 ? 1 : Double(agreements) / Double(pictures) }

    /// 0 when there is no signal.
    var decibels: Double { plain.decibels ?? 0 }

    mutating func add(expected: [Float], got: [Float]) {
        precondition(expected.count == got.count)
        let count = Double(expected.count)
        let mean = expected.reduce(0) { $0 + Double($1) } / count
        let shift = zip(expected, got).reduce(0) { $0 + Double($1.0) - Double($1.1) } / count
        for (a, b) in zip(expected, got) {
            let (wanted, error) = (Double(a), Double(a) - Double(b))
            plain += NoiseRatio(signal: wanted * wanted, noise: error * error)
            centred += NoiseRatio(
                signal: (wanted - mean) * (wanted - mean), noise: (error - shift) * (error - shift))
        }
        if expected.indexOfMaximum == got.indexOfMaximum { agreements += 1 }
        pictures += 1
    }

    /// - Parameters:
    ///   - logits: of the float network, by picture.
    ///   - numbers: pictures to run.
    static func measure(
        _ graph: QuantizedGraph, against logits: [Int: [Float]], pictures: PictureSet, using numbers: [Int],
        threads: Int
    ) throws(QuantizationError) -> LogitFidelity {
        let simulator = IntegerSimulator(graph)
        let got = try Parallel.map(numbers, threads: threads) { number, workspace throws(QuantizationError) in
            simulator.run(pixels: try pictures.pixels(number, size: graph.input.count), in: workspace)
        }
        var total = LogitFidelity()
        for (number, own) in zip(numbers, got) {
            if let expected = logits[number] { total.add(expected: expected, got: own) }
        }
        return total
    }
}

extension [Float] {
    /// The first of the largest; nil when empty.
    package var indexOfMaximum: Int? {
        indices.max { (self[$0], $1) < (self[$1], $0) }
    }
}
