import Tensors
import Testing

@testable import Graphs
@testable import Quantization

/// The fast simulation against the integer rule.
struct SimulatorTests {
    @Test("The simulation gives the bytes and the logits of the integer rule", arguments: [1, 2, 3] as [UInt64])
    func bytes(seed: UInt64) throws {
        let model = try SyntheticModel.quantized(smallTable, classes: 5, extent: 24, seed: seed)
        let picture = try smallPictures(1, seed: seed).pixels(0, size: 24 * 24 * 3)
        let (logits, values) = IntegerInterpreter(model.graph).run(pixels: picture)
        let simulator = IntegerSimulator(model.graph)
        var compared = 0
        let got = simulator.run(pixels: picture, in: FloatWorkspace()) { value, elements in
            guard value < model.graph.nodes.count else { return }
            let zero = Int(model.graph.params(ofValue: value).zeroPoint)
            let bytes = elements.elements.map { Int8(Int($0) + zero) }
            #expect(bytes == values[value], "value \(value)")
            compared += Set(bytes).count > 2 ? 1 : 0
        }
        #expect(got == logits)
        #expect(compared > 8, "the network says something everywhere")
    }

    @Test("Noise of a layer is split into weights and activations, and gathers on the way")
    func analysis() throws {
        let float = try FloatInterpreter(try Lowering.apply(to: try smallModel().graph), std: 64)
        let pictures = smallPictures(6)
        let graph = try Quantizer(method: .minMax).quantize(try smallModel(), pictures: pictures).model.graph
        let layers = try LayerAnalysis.measure(
            float, graph, pictures: pictures, using: [0, 1, 2], threads: 2
        ).layers
        // The stem reads the pixels themselves: they lose nothing.
        #expect(layers[0].activations.noise < 1e-6 * layers[0].activations.signal)
        for (layer, node) in zip(layers, graph.nodes) where node.name != "pool" {
            #expect(layer.weights.relative > 0 && layer.weights.relative < 0.01, "\(node.name)")
            #expect(layer.own.relative < 0.02, "\(node.name)")
        }
        let last = try #require(layers.dropLast(2).last)
        #expect(last.cumulative.relative > last.own.relative, "noise of eleven layers is more than that of one")
    }
}
