import Glibc
import LinuxIO
import Tensors

extension Model {
    /// Largest model file that is accepted, in bytes.
    package static let fileLimit = 1 << 30

    /// Reads and checks an int8 model file.
    /// - Throws: `noInput` when there is no such file, `io` when it cannot be read, `badData` with the first thing that is
    ///   wrong with it. What is returned has passed `QuantizedGraph.validate`.
    package init(readingFrom path: String) throws(ModelFileError) {
        self = try Model.load(path).model
    }

    /// The same, with the SHA-256 of the file in hexadecimal.
    package static func load(_ path: String) throws(ModelFileError) -> (model: Model, sha256: String) {
        let file = try ModelFile.read(path, limit: fileLimit)
        return (try Model(parsing: file.bytes, path: path), SHA256.hexDigest(of: file.bytes))
    }

    /// Reads and checks a model that is in memory.
    /// - Parameter path: named in errors.
    package init(parsing file: RawSpan, path: String = "(bytes)") throws(ModelFileError) {
        let tensors = try SafeTensors(parsing: file, path: path)
        let format = tensors.metadata["format"] ?? "none"
        guard Model.formats.contains(format) else {
            let hint =
                FloatModel.formats.contains(format)
                ? "it holds float weights: run 'tarsier quantize' on it first"
                : "this program reads \(Model.formats.joined(separator: " and ")); quantize the weights again"
            throw .badData(path, "has format \(format.prefix(80)): \(hint)")
        }
        let graph = try GraphDecoder(tensors: tensors).graph(file: file)
        let labels = try tensors.labels(count: graph.nodes.last?.shape.channels ?? 0)
        let preprocessing = try tensors.preprocessing()
        guard preprocessing.width == graph.input.width && preprocessing.height == graph.input.height else {
            throw .badData(
                path,
                "preprocessing yields \(preprocessing.height)x\(preprocessing.width), the graph reads \(graph.input)")
        }
        guard graph.inputParams.scale == 1 / preprocessing.std else {
            throw .badData(path, "preprocessing std \(preprocessing.std) and the input scale do not agree")
        }
        self.init(
            graph: graph, preprocessing: preprocessing, labels: labels, temperature: try tensors.temperature(),
            unknownThreshold: try tensors.unknownThreshold(), provenance: try tensors.provenance())
    }
}

extension Model {
    /// The same for an array.
    package init(parsing file: [UInt8], path: String = "(bytes)") throws(ModelFileError) {
        try unsafe self.init(parsing: file.span.bytes, path: path)
    }
}

/// Opening model files.
enum ModelFile {
    /// Memory that reading takes besides the file and the tensors made of it, in bytes.
    private static let margin = 16 << 20

    /// All of a file that begins as it should, where there is room for it: a service that is asked to read too large a file
    /// refuses it, and is not killed for it.
    static func read(_ path: String, limit: Int) throws(ModelFileError) -> WholeFile {
        let (head, size): ([UInt8], Int)
        do { (head, size) = try WholeFile.head(of: path, count: 8) } catch {
            throw ModelFileError(reading: path, error)
        }
        _ = try unsafe SafeTensors.dataStart(head.span.bytes, size: size, path: path)
        guard size <= limit else {
            throw ModelFileError(reading: path, SystemError(call: "read", errno: EFBIG))
        }
        if let shortage = MemoryRoom.shortage(of: 2 * size + margin) { throw .badData(path, shortage) }
        do { return try WholeFile(path: path, limit: limit) } catch { throw ModelFileError(reading: path, error) }
    }
}

/// Rebuilds an integer graph from its description and its tensors.
private struct GraphDecoder {
    let tensors: SafeTensors

    func graph(file: RawSpan) throws(ModelFileError) -> QuantizedGraph {
        let path = tensors.path
        let object = try JSONObject(try tensors.json("graph"), what: "graph", path: path)
        let inputObject = try JSONObject(try object.value("input"), what: "input", path: path)
        let input = try inputObject.shape()
        let inputParams = try inputObject.quantParams()
        let padding = inputObject.optional("padding") == nil ? [] : try inputObject.integers("padding")
        guard padding.allSatisfy({ (-128...127).contains($0) }) else {
            throw inputObject.bad("padding", "is not a list of bytes")
        }
        try inputObject.refuseOtherMembers()
        guard case .array(let list) = try object.value("nodes") else { throw object.bad("nodes", "is not a list") }
        guard list.count <= GraphLimits.nodes else {
            throw object.bad("nodes", "has \(list.count) entries; \(GraphLimits.nodes) is the limit")
        }
        try object.refuseOtherMembers()
        let network = try tensors.text("network")
        guard !network.isEmpty && network.utf8.count <= GraphLimits.nameBytes else {
            throw .badData(path, "__metadata__ network: is empty or too long")
        }
        var graph = QuantizedGraph(network: network, input: input, inputParams: inputParams, nodes: [])
        graph.inputPadding = padding.map { Int8($0) }
        var used = 0
        for (index, value) in list.enumerated() {
            let node = try node(try JSONObject(value, what: "node \(index)", path: path), graph: graph, file: file)
            switch node.operation {
            case .convolution, .dense: used += 3
            case .table: used += 1
            case .globalAveragePool, .add, .multiply, .pool, .concat, .select, .groupMaximum: break
            }
            graph.nodes.append(node)
        }
        do { try graph.validate() } catch { throw .badData(path, error.description) }
        guard tensors.entries.count == used else {
            throw .badData(path, "holds \(tensors.entries.count) tensors where its graph has \(used)")
        }
        return graph
    }

    private func node(
        _ object: JSONObject, graph: QuantizedGraph, file: RawSpan
    ) throws(ModelFileError) -> QuantizedNode {
        let name = try object.string("name")
        let source = try object.integer("source", in: 0...graph.nodes.count)
        let shape = try object.shape()
        let params = try object.quantParams()
        let inputs = graph.shape(ofValue: source).channels
        let outputs = shape.channels
        let operation: QuantizedNode.Operation
        switch try object.string("op") {
        case "convolution":
            let window = try object.window()
            let isDepthwise = try object.bool("depthwise")
            let groups = object.optional("groups") == nil ? 1 : try object.integer("groups", in: 1...inputs)
            let skip = try object.value("skip") == .null ? nil : object.integer("skip", in: 0...graph.nodes.count)
            let weightShape = [outputs, window.height, window.width, isDepthwise ? 1 : inputs / groups]
            let convolution = QuantizedConvolution(
                window: window, isDepthwise: isDepthwise, groups: groups,
                weights: try tensors.int8s("\(name).weight", shape: weightShape, of: file),
                weightScales: try tensors.floats("\(name).weight_scale", shape: [outputs], of: file),
                bias: try tensors.int32s("\(name).bias", shape: [outputs], of: file),
                low: Int8(try object.integer("low", in: -128...127)),
                high: Int8(try object.integer("high", in: -128...127)))
            operation = .convolution(convolution, skip: skip)
        case "global_average_pool":
            operation = .globalAveragePool
        case "dense":
            let dense = QuantizedDense(
                weights: try tensors.int8s("\(name).weight", shape: [outputs, inputs], of: file),
                weightScales: try tensors.floats("\(name).weight_scale", shape: [outputs], of: file),
                bias: try tensors.int32s("\(name).bias", shape: [outputs], of: file))
            operation = .dense(dense)
        case "table": operation = .table(try tensors.int8s("\(name).table", shape: [256], of: file))
        case "add":
            operation = .add(
                other: try object.integer("other", in: 0...graph.nodes.count),
                low: Int8(try object.integer("low", in: -128...127)),
                high: Int8(try object.integer("high", in: -128...127)))
        case let op:
            guard let shared = try object.sharedOperation(op, limit: graph.nodes.count) else {
                throw object.bad("op", "\(op.prefix(80)) is unknown; the file may be of a newer version")
            }
            operation = shared.quantized
        }
        try object.refuseOtherMembers()
        return QuantizedNode(name: name, operation: operation, source: source, shape: shape, params: params)
    }
}

extension JSONObject {
    func shape() throws(ModelFileError) -> Shape {
        let height = try integer("height", in: 1...GraphLimits.inputExtent)
        let width = try integer("width", in: 1...GraphLimits.inputExtent)
        return Shape(height: height, width: width, channels: try integer("channels", in: 1...GraphLimits.channels))
    }

    fileprivate func quantParams() throws(ModelFileError) -> QuantParams {
        let scale = try float("scale")
        guard scale > 0 else { throw bad("scale", "\(scale) is not positive") }
        return QuantParams(scale: scale, zeroPoint: Int8(try integer("zero_point", in: -128...127)))
    }
}
