internal import Engine
internal import Graphs
internal import Kernels
internal import Planning
internal import Quantization
internal import Tensors

/// int8 model files: whatever passes validation must also plan, run and give finite logits, and come back from the encoder. The
/// planner refuses what has no kernel here, and nothing else.
package struct ModelSubject: FuzzSubject {
    package static let name = "model"
    package static let limit = 1 << 14
    /// Products of an inference that a try may take, and bytes of its input.
    private static let (macLimit, inputLimit) = (200_000, 1 << 14)

    package static var words: [String] {
        jsonWords + SmallGraph.words
    }
    package static var seeds: [[UInt8]] {
        get throws {
            let graph = ProbeNetwork.graph(seed: 1, size: 4, channels: 1)
            let probe = Model(
                graph: graph, preprocessing: Preprocessing(width: 4, height: 4, cropFraction: 1, std: 64),
                labels: (0..<(graph.nodes.last?.shape.channels ?? 0)).map { "class \($0)" }, temperature: 1,
                unknownThreshold: 0.3,
                provenance: Provenance(
                    sourceSHA256: "", calibrationDigest: "", calibrationImages: 0, method: "none", source: "a probe"))
            let general = try SyntheticModel.quantized(SyntheticModel.float(SmallGraph.general, classes: 2))
            return [probe.encoded(), general.encoded()]
        }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let model = try? Model(parsing: input) else { return false }
        promise((try? Model(parsing: model.encoded())) == model, "a model changes on its way through the encoder")
        guard model.graph.macs <= ModelSubject.macLimit, model.graph.input.count <= ModelSubject.inputLimit else {
            return true
        }
        let plan: Plan
        do throws(PlanningError) { plan = try Planner.plan(model.graph, for: .detected) } catch {
            promise(error.hasNoKernel, "a valid model is not planned: \(error)")
            return true
        }
        guard let session = try? Session(plan: plan, maxThreads: 1) else {
            fatalError("broken promise: a plan that does not run")
        }
        session.setPicture([UInt8](repeating: 77, count: model.graph.input.count).span)
        session.run(threads: 1)
        promise(session.logits.allSatisfy(\.isFinite), "a valid model gives logits that are no numbers")
        return true
    }
}

/// Float weights.
package struct WeightsSubject: FuzzSubject {
    package static let name = "weights"
    package static let limit = 1 << 13

    package static var words: [String] {
        jsonWords + SmallGraph.words
    }
    package static var seeds: [[UInt8]] {
        get throws {
            // A described graph; and one of a network of ours, of which only the beginning is small.
            let described = try SyntheticModel.float(SmallGraph.general, classes: 2).encoded()
            let named = try SyntheticModel.float(.smV2, classes: 2, extent: 32, alpha: 0.125).encoded()
            return [described, Array(named.prefix(limit))]
        }
    }

    package init() {}

    package mutating func accepts(_ input: [UInt8]) -> Bool {
        guard let model = try? FloatModel(parsing: input) else { return false }
        promise((try? model.encoded()) != nil, "weights that were read cannot be written")
        return true
    }
}

/// A float graph of every operation, of a few dozen weights.
private enum SmallGraph {
    /// What graphs of both kinds say, as it stands in a string of JSON.
    static let words = [
        "op", "source", "other", "others", "skip", "window", "stride", "dilation", "padding", "groups", "depthwise",
        "bias",
        "low", "high", "scale", "zero_point", "convolution", "dense", "table", "pool", "maximum", "average", "concat",
        "select", "range", "shuffle", "repeated", "group_maximum", "multiply", "add", "clamp", "batch_norm",
        "activation",
        "function", "sigmoid", "hard_swish", "F32", "I8", "I32", "U8", "BF16", "F16", "data_offsets", "__metadata__",
    ].map { "\\\"\($0)\\\"" }
    static var general: Graph {
        func convolution(
            _ outputs: Int, _ window: Window, isDepthwise: Bool = false, groups: Int = 1
        ) -> Node.Operation {
            .convolution(
                Convolution(outputs: outputs, window: window, isDepthwise: isDepthwise, groups: groups, hasBias: true),
                skip: nil)
        }
        let operations: [(Node.Operation, source: Int)] = [
            (convolution(4, Window(kernel: 3, stride: 2, padding: 1)), 0),
            (.batchNorm(epsilon: 1e-5), 1),
            (.activation(.hardSwish), 2),
            (.pool(Pool(.maximum, Window(kernel: 3, padding: 1))), 3),
            (.globalAveragePool, 4),
            (convolution(4, Window(kernel: 1)), 5),
            (.activation(.sigmoid), 6),
            (.multiply(other: 7), 4),
            (.select(.range(first: 0, count: 2)), 8),
            (.select(.range(first: 2, count: 2)), 8),
            (convolution(2, Window(kernel: 1), groups: 2), 10),
            (.concat(others: [11]), 9),
            (.select(.shuffle(groups: 2)), 12),
            (.add(other: 8), 13),
            (convolution(4, Window(kernel: 3, padding: 1), isDepthwise: true), 14),
            (.clamp(Bounds(low: 0, high: 6)), 15),
            (.groupMaximum(size: 2), 16),
            (.globalAveragePool, 17),
            (.dense(outputs: 2), 18),
        ]
        return Graph(
            network: "small", input: Shape(height: 5, width: 5, channels: 3),
            nodes: operations.enumerated().map {
                Node(name: "n\($0.offset)", operation: $0.element.0, source: $0.element.source)
            })
    }
}
