import Tensors
import Testing

@testable import Graphs
@testable import Quantization

/// Every pass leaves the function of the graph what it was.
struct PassTests {
    @Test("A pass changes no output by more than rounding", arguments: [1, 2, 3] as [UInt64])
    func sameFunction(seed: UInt64) throws {
        let model = try smallModel(seed: seed)
        let picture = try smallPictures(1, seed: seed).pixels(0, size: 24 * 24 * 3)
        var graph = model.graph
        let before = try FloatInterpreter(graph, std: 64).run(pixels: picture)
        #expect(before.contains { abs($0) > 0.01 }, "seed \(seed): the network says something")
        for pass in Lowering.passes {
            graph = try pass.apply(graph)
            let after = try FloatInterpreter(graph, std: 64).run(pixels: picture)
            #expect(relativeDifference(before, after) < 1e-4, "\(pass.name), seed \(seed)")
        }
    }

    @Test("A lowered graph consists of convolutions, a pool and a dense layer, and has the plain names")
    func loweredShape() throws {
        let graph = try Lowering.apply(to: try smallModel().graph)
        #expect(
            graph.nodes.map(\.name) == [
                "stem", "blocks.0.depthwise", "blocks.0.project", "blocks.1.expand", "blocks.1.depthwise",
                "blocks.1.project",
                "blocks.2.expand", "blocks.2.depthwise", "blocks.2.project", "blocks.3.expand", "blocks.3.depthwise",
                "blocks.3.project", "pool", "classifier",
            ])
        var skips: [String: Int] = [:]
        for node in graph.nodes {
            if case .convolution(_, .some(let skip)) = node.operation { skips[node.name] = skip }
        }
        // Value 1 is the output of the stem, value 6 that of blocks.1.project.
        #expect(skips == ["blocks.0.project": 1, "blocks.2.project": 6])
        guard case .convolution(let last, _) = graph.nodes[11].operation else { throw PassTestError() }
        #expect(last.clamp == .relu6 && last.hasBias)
        guard case .convolution(let linear, _) = graph.nodes[2].operation else { throw PassTestError() }
        #expect(linear.clamp == nil)
    }

    private struct PassTestError: Error {}

    @Test("A convolution that two nodes read is not folded, and its normalisation convolves alone")
    func sharedConvolution() throws {
        let convolution = Convolution(outputs: 3, kernel: 1, stride: 1, padding: 0, isDepthwise: false)
        var graph = Graph(
            network: "shared", input: Shape(height: 2, width: 2, channels: 3),
            nodes: [
                Node(name: "a.conv", operation: .convolution(convolution, skip: nil), source: 0),
                Node(name: "a.bn", operation: .batchNorm(epsilon: 1e-5), source: 1),
                Node(name: "sum", operation: .add(other: 1), source: 2),
            ])
        for spec in try graph.parameterSpecs() {
            graph.parameters[spec.name] = [Float](repeating: 0.5, count: spec.count)
        }
        #expect(try FoldBatchNorm.apply(to: graph).nodes == graph.nodes)
        // The normalisation becomes a convolution of its own, and takes up the sum; the function stays.
        let lowered = try Lowering.apply(to: graph)
        #expect(lowered.nodes.count == 2)
        #expect(lowered.nodes.allSatisfy { if case .convolution = $0.operation { true } else { false } })
    }
}
