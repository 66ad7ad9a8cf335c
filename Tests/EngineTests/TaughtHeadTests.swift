import Engine
import Graphs
import Kernels
import Planning
import Quantization
import Tensors
import Testing

/// A model with another last layer is held to what every model is: the same bits under every CPU mask and thread count.
@Suite struct TaughtHeadTests {
    private func base() throws -> Model {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return try Model(readingFrom: root + "/models/sm_v2.int8.safetensors")
    }

    /// A head of random weights for so many labels.
    private func taught(_ model: Model, labels: Int) throws -> QuantizedGraph {
        var random = SplitMix64(seed: UInt64(labels))
        let features = model.graph.shape(ofValue: model.graph.nodes.count - 1).channels
        let weights = (0..<labels * features).map { _ in random.float(in: -0.3, 0.3) }
        return try HeadQuantizer.replaceHead(
            of: model.graph, weights: weights, bias: (0..<labels).map { _ in random.float(in: -2, 2) })
    }

    @Test(arguments: [2, 5, 9, 33])
    func `A taught head gives the same logits under every CPU mask and thread count`(labels: Int) throws {
        let model = try base()
        let graph = try taught(model, labels: labels)
        #expect(graph.nodes.dropLast() == model.graph.nodes.dropLast())
        let pictures = SyntheticModel.pictures(2, of: graph.input, seed: 7)
        var expected: [[Float]] = []
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: Planner.plan(graph, for: mask.features), maxThreads: 2)
            for (index, picture) in pictures.enumerated() {
                session.setPicture(picture.span)
                for threads in 1...2 {
                    session.run(threads: threads)
                    if expected.count == index { expected.append(session.logits) }
                    #expect(session.logits == expected[index], "mask \(mask.name), \(threads) threads")
                }
            }
        }
        #expect(expected.count == 2 && expected[0] != expected[1] && expected[0].count == labels)
    }

    @Test func `Features are what the last layer reads: logits follow from them by the integer rule`() throws {
        let graph = try taught(base(), labels: 6)
        let last = try #require(graph.nodes.last)
        guard case .dense(let dense) = last.operation else {
            Issue.record("the last layer is no dense one")
            return
        }
        let input = graph.params(ofValue: last.source)
        let picture = SyntheticModel.pictures(1, of: graph.input, seed: 11)[0]
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: Planner.plan(graph, for: mask.features), maxThreads: 2)
            session.setPicture(picture.span)
            session.run(threads: 2)
            let features = session.features
            let logits = (0..<6).map { label in
                var sum = Int(dense.bias[label])
                for (j, q) in features.enumerated() {
                    sum += Int(dense.weights[label * features.count + j]) * (Int(q) - Int(input.zeroPoint))
                }
                return Float(sum)
                    * Requantization.logitScale(inputScale: input.scale, weightScale: dense.weightScales[label])
            }
            #expect(session.logits == logits, "mask \(mask.name)")
        }
    }

    @Test func `A head that does not fit is refused`() throws {
        let model = try base()
        #expect(throws: QuantizationError.self) {
            try HeadQuantizer.replaceHead(of: model.graph, weights: [1, 2, 3], bias: [0])
        }
        #expect(throws: QuantizationError.self) {
            try HeadQuantizer.replaceHead(
                of: model.graph, weights: [Float](repeating: .nan, count: 2048), bias: [0, 0])
        }
    }
}
