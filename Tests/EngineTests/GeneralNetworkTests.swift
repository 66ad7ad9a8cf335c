import Engine
import Graphs
import Kernels
import Planning
import Quantization
import Tensors
import Testing

/// The operations beyond separable blocks, in whole networks: equal bits whatever the mask and the number of threads.
@Suite struct GeneralNetworkTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let seed: UInt64
        let height: Int
        let width: Int
        let channels: Int
        var testDescription: String { "seed \(seed), \(height)x\(width), \(channels) channels" }
    }

    static let cases = [
        Case(seed: 1, height: 32, width: 32, channels: 8), Case(seed: 2, height: 31, width: 18, channels: 5),
        Case(seed: 3, height: 17, width: 40, channels: 3), Case(seed: 4, height: 23, width: 23, channels: 17),
    ]

    @Test(arguments: cases)
    func `The engine gives the interpreter's logits bit for bit`(_ subject: Case) throws {
        let graph = try GeneralNetwork.graph(
            seed: subject.seed, height: subject.height, width: subject.width, channels: subject.channels)
        var random = SplitMix64(seed: subject.seed)
        let picture = (0..<graph.input.count).map { _ in UInt8.random(in: 0...255, using: &random) }
        let expected = IntegerInterpreter(graph).run(pixels: picture).logits
        #expect(Set(expected).count > 1, "random networks tell their outputs apart")
        for mask in CPUFeatures.distinctMasks {
            let session = try Session(plan: try Planner.plan(graph, for: mask.features), maxThreads: 3)
            session.setPicture(picture.span)
            for threads in 1...3 {
                session.run(threads: threads)
                #expect(session.logits == expected, "mask \(mask.name), \(threads) threads")
            }
        }
    }

    @Test(arguments: cases)
    func `A file holds the network, and the same one comes back`(_ subject: Case) throws {
        let graph = try GeneralNetwork.graph(
            seed: subject.seed, height: subject.height, width: subject.width, channels: subject.channels)
        let model = Model(
            graph: graph,
            preprocessing: Preprocessing(width: subject.width, height: subject.height, cropFraction: 1, std: 64),
            labels: (0..<5).map { "class \($0)" }, temperature: 1, unknownThreshold: 0,
            provenance: Provenance(
                sourceSHA256: "", calibrationDigest: "", calibrationImages: 0, method: "by hand", source: "test"))
        #expect(model.format == "tarsier-int8-2")
        #expect(try Model(parsing: model.encoded()) == model)
    }
}
