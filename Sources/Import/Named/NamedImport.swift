package import Graphs

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Float models from files of named tensors: `.pt` and `.pth` of PyTorch, safetensors. The structure is ours, the values
/// are theirs.
package enum NamedImport {
    /// Tensors that training keeps and inference never reads.
    static let ignored = ".num_batches_tracked"

    /// - Parameters:
    ///   - bytes: the file, from index 0 on.
    ///   - path: for messages.
    /// - Throws: the first thing that is wrong; with the table when tensors are missing.
    package static func model(
        _ bytes: Data, path: String, network: KnownNetwork, settings: ImportSettings = ImportSettings()
    ) throws(ImportError) -> (model: FloatModel, tensors: TensorTable) {
        var tensors = TensorTable()
        do throws(ImportFault) {
            let source: any TensorSource =
                bytes.starts(with: [0x50, 0x4b]) ? try TorchArchive(bytes) : try SafeTensorsSource(bytes, path: path)
            let model = try translate(source, network, settings, &tensors)
            return (model, tensors)
        } catch {
            throw ImportError(path: path, error.message, tensors: tensors)
        }
    }

    private static func translate(
        _ source: any TensorSource, _ network: KnownNetwork, _ settings: ImportSettings, _ table: inout TensorTable
    ) throws(ImportFault) -> FloatModel {
        guard source.names.count <= ImportLimits.tensors else {
            throw ImportFault("holds \(source.names.count) tensors; \(ImportLimits.tensors) is the limit")
        }
        let extent = settings.extent ?? network.extent
        let draft = try built { () throws(GraphError) in try network.build(2, extent) }
        let naming = best(network.namings, for: draft, source)
        let classes = classes(draft, naming, source) ?? settings.labels?.count ?? 1000
        var graph = naming.adapt(try built { () throws(GraphError) in try network.build(classes, extent) })
        graph.network = settings.network ?? network.name
        let specs = try built { () throws(GraphError) in try graph.parameterSpecs() }
        try fill(&graph, specs, naming.modules(graph), source, &table)
        table.normalization = settings.normalization(usual: naming.normalization)
        return try Finishing.model(
            graph, settings: settings, usual: naming.normalization,
            source: "imported from named tensors of \(naming.library)")
    }

    private static func built<Value>(_ body: () throws(GraphError) -> Value) throws(ImportFault) -> Value {
        do { return try body() } catch { throw ImportFault(error.description) }
    }

    /// The naming with most names in the file.
    private static func best(_ namings: [Naming], for graph: Graph, _ source: any TensorSource) -> Naming {
        let names = Set(source.names)
        let scores = namings.map { naming in
            Set(naming.modules(graph).values).count { names.contains("\($0).weight") }
        }
        return namings[scores.firstIndex(of: scores.max() ?? 0) ?? 0]
    }

    /// Logits, from the weights of the last layer; nil where the file has none.
    private static func classes(_ graph: Graph, _ naming: Naming, _ source: any TensorSource) -> Int? {
        guard let last = graph.nodes.last, let module = naming.modules(graph)[last.name],
            let outputs = source.shape(of: "\(module).weight")?.first, outputs > 0
        else { return nil }
        return min(outputs, GraphLimits.channels + 1)
    }

    /// Takes every parameter from the file, and lists what became of each tensor.
    private static func fill(
        _ graph: inout Graph, _ specs: [ParameterSpec], _ modules: [String: String], _ source: any TensorSource,
        _ table: inout TensorTable
    ) throws(ImportFault) {
        var wanted: [(spec: ParameterSpec, name: String)] = []
        for spec in specs {
            let (node, suffix) = spec.name.splitAtLastPoint
            wanted.append((spec, modules[node].map { "\($0).\(suffix)" } ?? spec.name))
        }
        let known = Set(wanted.map(\.name))
        table.rows = wanted.map { spec, name in
            .init(
                name: name, shape: source.shape(of: name) ?? spec.dimensions,
                fate: source.shape(of: name) == nil ? .missing : .matched)
        }
        table.rows += source.names.filter { !known.contains($0) && !$0.hasSuffix(ignored) }.map {
            .init(name: $0, shape: source.shape(of: $0) ?? [], fate: .unexpected)
        }
        if let missing = table.rows.first(where: { $0.fate == .missing }) {
            throw ImportFault(
                "lacks \(table.count(.missing)) of \(wanted.count) tensors of \(graph.network.prefix(40)), the first is "
                    + "\(missing.name); is the network's name right?")
        }
        var elements = 0
        for (spec, name) in wanted {
            let shape = source.shape(of: name) ?? []
            guard fits(shape, spec.dimensions) else {
                throw ImportFault(
                    "tensor \(name): has shape \(shape) where \(spec.dimensions) is needed; is the network's name right?"
                )
            }
            elements += spec.count
            // Weights that are views of each other would let a small file ask for much memory.
            guard elements <= source.byteCount else {
                throw ImportFault("its tensors overlap: \(elements) elements in \(source.byteCount) bytes")
            }
        }
        for (spec, name) in wanted {
            let values = try source.floats(of: name)
            guard values.count == spec.count else {
                throw ImportFault("tensor \(name): holds \(values.count) elements where \(spec.count) are needed")
            }
            graph.parameters[spec.name] = values
        }
    }

    /// The same extents, or as many elements in as many rows: dense layers on a picture are matrices there.
    private static func fits(_ shape: [Int], _ wanted: [Int]) -> Bool {
        if shape == wanted { return true }
        guard shape.count == 2 || wanted.count == 2, shape.first == wanted.first, !shape.contains(0) else {
            return false
        }
        var (left, right) = (1, 1)
        for extent in shape {
            let (product, overflows) = left.multipliedReportingOverflow(by: extent)
            guard !overflows else { return false }
            left = product
        }
        for extent in wanted { right *= extent }
        return left == right
    }
}

extension String {
    /// `a.b` and `c` of `a.b.c`.
    fileprivate var splitAtLastPoint: (String, String) {
        guard let point = lastIndex(of: ".") else { return (self, "") }
        return (String(self[..<point]), String(self[index(after: point)...]))
    }
}
