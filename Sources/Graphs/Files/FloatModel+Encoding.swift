import Tensors

extension FloatModel {
    /// The model as the bytes of a weights file. Equal models give equal bytes.
    /// - Throws: when parameters are missing or do not fit the graph.
    package func encoded() throws(GraphError) -> [UInt8] {
        try graph.checkParameters()
        var writer = SafeTensorsWriter()
        writer.metadata = [
            ("format", FloatModel.format),
            ("network", graph.network),
            ("labels", JSON.array(labels.map { .string($0) }).text),
            ("preprocessing", preprocessing.json.text),
            ("temperature", JSON.number(temperature).text),
            ("unknown_threshold", JSON.number(unknownThreshold).text),
            ("source", source),
        ]
        if widthMultiplier != 1 { writer.metadata.append(("alpha", JSON.number(widthMultiplier).text)) }
        for spec in try graph.parameterSpecs() {
            writer.add(spec.name, try graph.parameter(spec.name), shape: spec.dimensions)
        }
        return writer.bytes()
    }
}
