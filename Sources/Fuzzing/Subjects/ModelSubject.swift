internal import Engine
internal import Graphs
internal import Kernels
internal import Planning
internal import Quantization
internal import Tensors

/// int8 model files: whatever passes validation must also plan, run and give finite logits, and come back from the encoder.
package struct ModelSubject: FuzzSubject {
    package static let name = "model"
    package static let limit = 1 << 16
    /// Products of an inference that a try may take.
    private static let macLimit = 4_000_000

    package static var seeds: [[UInt8]] {
        [(5, 3), (12, 4)].map { size, channels in
            let graph = ProbeNetwork.graph(seed: 1, size: size, channels: channels)
            let labels = (0..<(graph.nodes.last?.shape.channels ?? 0)).map { "class \($0)" }
            return Model(
                graph: graph, preprocessing: Preprocessing(width: size, height: size, cropFraction: 1, std: 64),
                labels: labels, temperature: 1, unknownThreshold: 0.3,
                provenance: Provenance(
                    sourceSHA256: "", calibrationDigest: "", calibrationImages: 0, method: "none", source: "a probe")
            ).encoded()
        }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let model = try? Model(parsing: input) else { return false }
        promise((try? Model(parsing: model.encoded())) == model, "a model changes on its way through the encoder")
        guard model.graph.macs <= ModelSubject.macLimit, model.graph.input.count <= 1 << 20 else { return true }
        guard let plan = try? Planner.plan(model.graph, for: .detected) else { return true }
        guard let session = try? Session(plan: plan, maxThreads: 1) else { return true }
        session.setPicture([UInt8](repeating: 77, count: model.graph.input.count).span)
        session.run(threads: 1)
        promise(session.logits.allSatisfy(\.isFinite), "a valid model gives logits that are no numbers")
        return true
    }
}

/// Float weights.
package struct WeightsSubject: FuzzSubject {
    package static let name = "weights"
    package static let limit = 1 << 16

    package static var seeds: [[UInt8]] {
        get throws {
            // The smallest there is still has a million weights: its header alone, and the header with the first tensors.
            let whole = try SyntheticModel.float(.smV2, classes: 2, extent: 32, alpha: 1).encoded()
            return [Array(whole.prefix(40_000)), Array(whole.prefix(1 << 16))]
        }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let model = try? FloatModel(parsing: input) else { return false }
        promise((try? model.encoded()) != nil, "weights that were read cannot be written")
        return true
    }
}
