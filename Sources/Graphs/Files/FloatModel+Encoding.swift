import LinuxIO
import Tensors

extension FloatModel {
    /// The model as the bytes of a weights file. Equal models give equal bytes.
    /// - Throws: when parameters are missing or do not fit the graph.
    package func encoded() throws(GraphError) -> [UInt8] {
        try graph.checkParameters()
        var writer = SafeTensorsWriter()
        writer.metadata = [
            ("format", FloatModel.formats[isTabled ? 0 : 1]),
            ("network", graph.network),
            ("labels", JSON.array(labels.map { .string($0) }).text),
            ("preprocessing", preprocessing.json.text),
            ("temperature", JSON.number(temperature).text),
            ("unknown_threshold", JSON.number(unknownThreshold).text),
            ("source", source),
        ]
        if widthMultiplier != 1 { writer.metadata.append(("alpha", JSON.number(widthMultiplier).text)) }
        if !isTabled { writer.metadata.append(("graph", graph.json.text)) }
        for spec in try graph.parameterSpecs() {
            writer.add(spec.name, try graph.parameter(spec.name), shape: spec.dimensions)
        }
        return writer.bytes()
    }

    /// Replaces the file at `path` in one step.
    package func write(to path: String) throws(ModelFileError) {
        let bytes: [UInt8]
        do { bytes = try encoded() } catch { throw .badData(path, error.description) }
        do { try AtomicFile.write(bytes, to: path) } catch { throw ModelFileError(writing: path, error) }
    }

    /// Whether the name of the network says all about its structure.
    private var isTabled: Bool {
        guard let table = NetworkCatalog.table(named: graph.network),
            case .dense(let classes)? = graph.nodes.last?.operation,
            graph.inputPadding.isEmpty,
            let known = try? table.graph(
                classes: classes, alpha: widthMultiplier, height: graph.input.height, width: graph.input.width)
        else { return false }
        return known.nodes == graph.nodes
    }
}
