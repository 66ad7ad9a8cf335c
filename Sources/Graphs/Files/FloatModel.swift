import LinuxIO
package import Tensors

/// Trained float weights with everything that goes with them: the content of one weights file, as `training/` writes it.
package struct FloatModel: Sendable, Equatable {
    /// Versions of the file format; a reader refuses any other. The first names a network of ours, the second describes
    /// its graph.
    package static let formats = ["tarsier-float-1", "tarsier-float-2"]

    /// With parameters; normalisation and activation are nodes of their own.
    package var graph: Graph
    /// Of the network's table; 1 for the network as published.
    package var widthMultiplier: Double
    package var preprocessing: Preprocessing
    /// One per logit, in order.
    package var labels: [String]
    /// Softmax is taken of `logits / temperature`.
    package var temperature: Float
    /// A result whose best score is below this is `unknown`; 0 switches the rule off.
    package var unknownThreshold: Float
    /// Free text: data, settings, licence.
    package var source: String
    /// SHA-256 of the file, lower-case hexadecimal; empty for a model that was never in a file.
    package var sha256: String

    package init(
        graph: Graph, widthMultiplier: Double = 1, preprocessing: Preprocessing, labels: [String],
        temperature: Float = 1,
        unknownThreshold: Float = 0, source: String = "", sha256: String = ""
    ) {
        self.graph = graph
        self.widthMultiplier = widthMultiplier
        self.preprocessing = preprocessing
        self.labels = labels
        self.temperature = temperature
        self.unknownThreshold = unknownThreshold
        self.source = source
        self.sha256 = sha256
    }

    /// Reads and checks a weights file.
    /// - Parameter network: must be the file's own when given; it stands in for a name that the file lacks.
    /// - Throws: `noInput` when there is no such file, `io` when it cannot be read, `badData` with the first thing that is
    ///   wrong with it: a tensor that is missing, not part of the network, of another shape or type, or not finite.
    package init(readingFrom path: String, network: String? = nil) throws(ModelFileError) {
        let file = try ModelFile.read(path, limit: Model.fileLimit)
        try self.init(parsing: file.bytes, path: path, network: network)
    }

    /// Reads and checks weights that are in memory.
    package init(parsing file: RawSpan, path: String = "(bytes)", network: String? = nil) throws(ModelFileError) {
        let tensors = try SafeTensors(parsing: file, path: path)
        let format = tensors.metadata["format"] ?? "none"
        guard FloatModel.formats.contains(format) else {
            let hint =
                Model.formats.contains(format)
                ? "it is quantized already" : "this program reads \(FloatModel.formats.joined(separator: " and "))"
            throw .badData(path, "has format \(format.prefix(80)): \(hint)")
        }
        let preprocessing = try tensors.preprocessing()
        if format == FloatModel.formats[1] {
            try self.init(described: tensors, file: file, network: network, preprocessing: preprocessing)
            return
        }
        let table = try FloatModel.table(tensors: tensors, network: network)
        guard let classes = tensors.entries["classifier.bias"]?.shape.first else {
            throw .badData(path, "tensor classifier.bias: is missing")
        }
        let alpha = try tensors.widthMultiplier()
        var graph: Graph
        let specs: [ParameterSpec]
        do throws(GraphError) {
            graph = try table.graph(
                classes: classes, alpha: alpha, height: preprocessing.height, width: preprocessing.width)
            specs = try graph.parameterSpecs()
        } catch {
            throw .badData(path, error.description)
        }
        for spec in specs {
            graph.parameters[spec.name] = try tensors.floats(spec.name, shape: spec.dimensions, of: file)
        }
        try self.init(graph, alpha: alpha, tensors, specs, file: file, preprocessing: preprocessing)
    }

    /// The second version: the file holds the graph.
    private init(
        described tensors: SafeTensors, file: RawSpan, network: String?, preprocessing: Preprocessing
    ) throws(ModelFileError) {
        var graph = try tensors.floatGraph()
        if let network, network != graph.network {
            throw .badData(tensors.path, "holds weights of \(graph.network.prefix(80)), not of \(network)")
        }
        guard preprocessing.width == graph.input.width && preprocessing.height == graph.input.height else {
            throw .badData(
                tensors.path,
                "preprocessing yields \(preprocessing.height)x\(preprocessing.width), the graph reads \(graph.input)")
        }
        let specs: [ParameterSpec]
        do { specs = try graph.parameterSpecs() } catch { throw .badData(tensors.path, error.description) }
        for spec in specs {
            graph.parameters[spec.name] = try tensors.floats(spec.name, shape: spec.dimensions, of: file)
        }
        try self.init(graph, alpha: 1, tensors, specs, file: file, preprocessing: preprocessing)
    }

    /// The last checks: no tensor that the graph does not name, values that can be, as many labels as logits.
    private init(
        _ graph: Graph, alpha: Double, _ tensors: SafeTensors, _ specs: [ParameterSpec], file: RawSpan,
        preprocessing: Preprocessing
    ) throws(ModelFileError) {
        let expected = Set(specs.map(\.name))
        let strange = tensors.entries.keys.filter { !expected.contains($0) && !$0.hasSuffix(".num_batches_tracked") }
        if let name = strange.min() {
            throw .badData(
                tensors.path,
                "tensor \(name.prefix(80)): is not part of \(graph.network); is the network's name right?")
        }
        guard case .dense(let classes)? = graph.nodes.last?.operation else {
            throw .badData(tensors.path, "the last node of its graph is not dense")
        }
        do { try graph.checkParameters() } catch { throw .badData(tensors.path, error.description) }
        self.init(
            graph: graph, widthMultiplier: alpha, preprocessing: preprocessing,
            labels: try tensors.labels(count: classes),
            temperature: try tensors.temperature(), unknownThreshold: try tensors.unknownThreshold(),
            source: tensors.metadata["source"] ?? "", sha256: SHA256.hexDigest(of: file))
    }

    /// The same for an array.
    package init(parsing file: [UInt8], path: String = "(bytes)", network: String? = nil) throws(ModelFileError) {
        try unsafe self.init(parsing: file.span.bytes, path: path, network: network)
    }

    private static func table(tensors: SafeTensors, network: String?) throws(ModelFileError) -> NetworkTable {
        let stated = tensors.metadata["network"]
        if let stated, let network, stated != network {
            throw .badData(tensors.path, "holds weights of \(stated.prefix(80)), not of \(network)")
        }
        guard let name = network ?? stated else {
            throw .badData(tensors.path, "__metadata__ network: is missing; name the network on the command line")
        }
        guard let table = NetworkCatalog.table(named: name) else {
            let known = NetworkCatalog.names.joined(separator: ", ")
            throw .badData(tensors.path, "network \(name.prefix(80)) is unknown; known are \(known)")
        }
        return table
    }
}

extension SafeTensors {
    /// 1 when the file does not say.
    fileprivate func widthMultiplier() throws(ModelFileError) -> Double {
        guard metadata["alpha"] != nil else { return 1 }
        guard case .number(let text) = try json("alpha"), let alpha = Double(text), alpha > 0, alpha <= 2 else {
            throw .badData(path, "__metadata__ alpha: is not a number in (0, 2]")
        }
        return alpha
    }
}
