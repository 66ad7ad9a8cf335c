import Graphs
import Tensors

/// The last steps of every import: from a graph that speaks of normalised floats to a model of ours.
enum Finishing {
    /// - Parameter usual: how networks of its library see pixels, where the settings do not say.
    static func model(
        _ translated: Graph, settings: ImportSettings, usual: Normalization = .imageNet, source: String
    ) throws(ImportFault) -> FloatModel {
        let own = ImportSettings.ownStd
        let (graph, labels) = try finished(
            translated, settings: settings, settings.normalization(usual: usual), own: own)
        return FloatModel(
            graph: graph, preprocessing: preprocessing(graph.input, settings, std: own), labels: labels, source: source)
    }

    /// The int8 model of a file that quantizes every value itself.
    /// - Parameter source: free text, and the digest of the file.
    static func model(
        _ translator: ONNXTranslator, settings: ImportSettings, source: (text: String, sha256: String)
    ) throws(ImportFault) -> Model {
        let normalization = settings.normalization(usual: .imageNet)
        // With the network's own deviation the first layer's weights stay what they are, if it is the same for all colours.
        let own = 255 * (normalization.std.first ?? 0.25)
        let (graph, labels) = try finished(translator.graph, settings: settings, normalization, own: own)
        var weights = translator.integerWeights
        if settings.readsBlueFirst || Set(normalization.std).count > 1 {
            for node in graph.nodes where node.source == 0 { weights[node.name] = nil }
        }
        do throws(GraphError) {
            let quantized = try QuantizedAssembly.make(graph, translator.quantizations, weights, std: own)
            return Model(
                graph: quantized, preprocessing: preprocessing(graph.input, settings, std: own), labels: labels,
                temperature: 1, unknownThreshold: 0,
                provenance: Provenance(
                    sourceSHA256: source.sha256, calibrationDigest: "", calibrationImages: 0, method: "qdq",
                    source: source.text))
        } catch {
            throw ImportFault(error.description)
        }
    }

    /// The graph on pixels, checked, and a label for each of its outputs.
    private static func finished(
        _ translated: Graph, settings: ImportSettings, _ normalization: Normalization, own: Float
    ) throws(ImportFault) -> (graph: Graph, labels: [String]) {
        guard normalization.isUsable else {
            throw ImportFault("mean \(normalization.mean) and std \(normalization.std) are not usable")
        }
        let graph: Graph
        let classes: Int
        do throws(GraphError) {
            var own = translated.withoutDeadNodes()
            own = try own.endingDense()
            _ = try own.shapes()
            guard case .dense(let outputs)? = own.nodes.last?.operation else {
                throw GraphError(
                    node: own.nodes.last?.name ?? "graph",
                    message: "is the last node and must be a dense layer, or a softmax behind one")
            }
            (graph, classes) = (own, outputs)
        } catch {
            throw ImportFault(error.description)
        }
        let finished = try graph.absorbing(normalization, readsBlueFirst: settings.readsBlueFirst, own: own)
        do { try finished.checkParameters() } catch { throw ImportFault(error.description) }
        let labels = settings.labels ?? (0..<classes).map { "class \($0)" }
        guard labels.count == classes, Set(labels).count == classes else {
            throw ImportFault("has \(classes) outputs; \(Set(labels).count) different labels were given")
        }
        return (finished, labels)
    }

    private static func preprocessing(_ input: Shape, _ settings: ImportSettings, std: Float) -> Preprocessing {
        Preprocessing(
            width: input.width, height: input.height, fit: settings.fit, cropFraction: settings.cropFraction, std: std)
    }
}

extension Graph {
    /// A last 1x1 convolution of one pixel becomes a dense layer.
    fileprivate func endingDense() throws(GraphError) -> Graph {
        var graph = self
        guard let last = nodes.last, case .convolution(let convolution, nil) = last.operation,
            convolution.window.isPointwise, convolution.groups == 1, !convolution.isDepthwise,
            convolution.clamp == nil, try shapes()[last.source].pixels == 1
        else { return graph }
        if !convolution.hasBias {
            graph.parameters["\(last.name).bias"] = [Float](repeating: 0, count: convolution.outputs)
        }
        graph.nodes[graph.nodes.count - 1].operation = .dense(outputs: convolution.outputs)
        return graph
    }
}
