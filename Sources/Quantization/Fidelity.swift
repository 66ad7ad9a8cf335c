import Graphs
import Tensors

/// How well an integer graph follows its float graph on some pictures.
struct Fidelity: Sendable {
    /// Signal and noise energy of each node's output; the last one is that of the logits.
    private(set) var signal: [Double]
    private(set) var noise: [Double]
    /// Pictures whose best class is the same in both.
    private(set) var agreements = 0
    private(set) var pictures = 0

    /// Decibels of node `index`; infinite when there is no noise, nil when there is no signal.
    func decibels(_ index: Int) -> Double? {
        guard signal[index] > 0 else { return nil }
        return noise[index] == 0 ? .infinity : 10 * (signal[index] / noise[index]).logarithm10
    }

    /// Of the logits.
    var outputDecibels: Double { decibels(signal.count - 1) ?? 0 }

    /// In [0, 1]; 1 when there were no pictures.
    var agreement: Double { pictures == 0 ? 1 : Double(agreements) / Double(pictures) }

    /// Runs both graphs on the pictures of the given numbers.
    static func measure(
        _ float: FloatInterpreter, _ graph: QuantizedGraph, pictures: PictureSet, using numbers: [Int], threads: Int
    ) throws(QuantizationError) -> Fidelity {
        let integer = IntegerInterpreter(graph)
        var total = Fidelity(nodes: graph.nodes.count)
        for batch in Parallel.batches(numbers, of: 4 * threads) {
            let parts = try Parallel.map(batch, threads: threads) { number throws(QuantizationError) in
                let pixels = try pictures.pixels(number, size: graph.input.count)
                return Fidelity(float, integer, pixels: pixels)
            }
            for part in parts { total.add(part) }
        }
        return total
    }

    private init(nodes: Int) {
        signal = [Double](repeating: 0, count: nodes)
        noise = signal
    }

    /// One picture.
    private init(_ float: FloatInterpreter, _ integer: IntegerInterpreter, pixels: [UInt8]) {
        self.init(nodes: integer.graph.nodes.count)
        let (logits, values) = integer.run(pixels: pixels)
        var (signal, noise) = (signal, noise)
        let expected = float.run(pixels: pixels) { value, elements in
            guard value > 0 else { return }
            let params = integer.graph.nodes[value - 1].params
            let (scale, zeroPoint) = (params.scale, Int32(params.zeroPoint))
            let got = value == values.count - 1 ? logits : values[value].map { scale * Float(Int32($0) - zeroPoint) }
            var (power, error) = (0.0, 0.0)
            for i in elements.indices {
                let (wanted, difference) = (Double(elements[i]), Double(elements[i] - got[i]))
                power += wanted * wanted
                error += difference * difference
            }
            (signal[value - 1], noise[value - 1]) = (power, error)
        }
        (self.signal, self.noise) = (signal, noise)
        agreements = logits.indexOfMaximum == expected.indexOfMaximum ? 1 : 0
        pictures = 1
    }

    private mutating func add(_ other: Fidelity) {
        for i in signal.indices {
            signal[i] += other.signal[i]
            noise[i] += other.noise[i]
        }
        agreements += other.agreements
        pictures += other.pictures
    }
}

extension [Float] {
    /// The first of the largest; nil when empty.
    package var indexOfMaximum: Int? {
        indices.max { (self[$0], $1) < (self[$1], $0) }
    }
}
