import Graphs
import Tensors

/// The last steps of every import: from a graph that speaks of normalised floats to a float model of ours.
enum Finishing {
    /// - Parameter usual: how networks of its library see pixels, where the settings do not say.
    static func model(
        _ translated: Graph, settings: ImportSettings, usual: Normalization = .imageNet, source: String
    ) throws(ImportFault) -> FloatModel {
        let normalization = settings.normalization(usual: usual)
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
        let finished = try graph.absorbing(
            normalization, readsBlueFirst: settings.readsBlueFirst, own: ImportSettings.ownStd)
        do { try finished.checkParameters() } catch { throw ImportFault(error.description) }
        let labels = settings.labels ?? (0..<classes).map { "class \($0)" }
        guard labels.count == classes, Set(labels).count == classes else {
            throw ImportFault("has \(classes) outputs; \(Set(labels).count) different labels were given")
        }
        return FloatModel(
            graph: finished,
            preprocessing: Preprocessing(
                width: finished.input.width, height: finished.input.height, fit: settings.fit,
                cropFraction: settings.cropFraction, std: ImportSettings.ownStd),
            labels: labels, source: source)
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
