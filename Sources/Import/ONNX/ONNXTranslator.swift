import Graphs
import Tensors

/// Translates the nodes of an ONNX graph, one after the other, into nodes of ours.
struct ONNXTranslator {
    var graph: Graph
    /// Of every value; element 0 is the input.
    private(set) var shapes: [Shape]
    private var symbols: [String: ONNXSymbol] = [:]
    /// Initializers that some node has read.
    private(set) var used = Set<String>()
    private var names = Set<String>()
    /// Version of the default operator set.
    let opset: Int
    /// Elements that parameters of nodes, and constants computed here, may still have: a small file that uses one tensor a
    /// thousand times must not become a large model.
    private var allowance: Int

    /// How values are quantized, where the file says so, by node; empty for a file of floats.
    var quantizations: [String: QuantParams] = [:]
    /// Weights that the file holds as bytes, by node.
    var integerWeights: [String: QuantizedConstant] = [:]
    /// Whether any value is quantized.
    var isQuantized = false
    /// Whether what follows are probabilities, which nobody computes here.
    private(set) var isBehindSoftmax = false

    init(network: String, input: Shape, inputName: String, opset: Int, fileBytes: Int) {
        allowance = 3 * fileBytes + ImportLimits.folded
        graph = Graph(network: network, input: input, nodes: [])
        shapes = [input]
        symbols[inputName] = .value(0)
        self.opset = opset
    }

    // MARK: Names

    mutating func define(_ name: String, _ symbol: ONNXSymbol) { symbols[name] = symbol }

    /// What input `index` of a node is; nil where the node leaves it out.
    mutating func optional(_ node: ONNXNode, _ index: Int) throws(ImportFault) -> ONNXSymbol? {
        guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
        let name = node.inputs[index]
        guard let symbol = symbols[name] else {
            throw ImportFault("\(node.title): reads '\(name.prefix(80))', which nothing before it makes")
        }
        used.insert(name)
        return symbol
    }

    mutating func symbol(_ node: ONNXNode, _ index: Int) throws(ImportFault) -> ONNXSymbol {
        guard let symbol = try optional(node, index) else { throw ImportFault("\(node.title): lacks input \(index)") }
        return symbol
    }

    /// A picture.
    mutating func value(_ node: ONNXNode, _ index: Int) throws(ImportFault) -> Int {
        switch try symbol(node, index) {
        case .value(let value): return value
        case .flat(let value) where shapes[value].pixels == 1: return value
        default: throw ImportFault("\(node.title): input \(index) is no [N, C, H, W] tensor this program can follow")
        }
    }

    mutating func constant(_ node: ONNXNode, _ index: Int) throws(ImportFault) -> ForeignTensor {
        guard case .constant(let tensor) = try symbol(node, index) else {
            throw ImportFault(
                "\(node.title): input \(index) is not a constant; this program needs fixed weights and shapes")
        }
        return tensor
    }

    mutating func optionalConstant(_ node: ONNXNode, _ index: Int) throws(ImportFault) -> ForeignTensor? {
        try optional(node, index) == nil ? nil : try constant(node, index)
    }

    /// Whole numbers that older operator sets give as an attribute and newer ones as an input; nil where neither is.
    mutating func integers(_ node: ONNXNode, _ attribute: String, input index: Int) throws(ImportFault) -> [Int]? {
        if let values = node.integers(attribute) { return values }
        return try optionalConstant(node, index)?.integers
    }

    /// The same for one number.
    mutating func float(
        _ node: ONNXNode, _ attribute: String, input index: Int, default value: Float
    ) throws(ImportFault) -> Float {
        if node.has(attribute) { return node.float(attribute, default: value) }
        guard let tensor = try optionalConstant(node, index), let scalar = tensor.scalar else { return value }
        return scalar
    }

    // MARK: Nodes

    /// A name for a node of ours: of the weights it reads, or of the module it comes from.
    mutating func unique(_ node: ONNXNode, weights index: Int? = nil) -> String {
        var name = node.module ?? node.type.lowercased()
        if let index, index < node.inputs.count, node.inputs[index].hasSuffix(".weight") {
            name = String(node.inputs[index].dropLast(".weight".count))
        }
        name = String(name.prefix(200))
        var candidate = name
        var number = 2
        while !names.insert(candidate).inserted {
            candidate = "\(name).\(number)"
            number += 1
        }
        return candidate
    }

    /// Appends a node.
    /// - Parameter parameters: by suffix.
    /// - Returns: the number of its output.
    mutating func append(
        _ name: String, _ operation: Node.Operation, source: Int, _ parameters: [String: [Float]] = [:]
    ) throws(ImportFault) -> Int {
        let node = Node(name: name, operation: operation, source: source)
        guard graph.nodes.count < GraphLimits.nodes else {
            throw ImportFault("its graph needs more than \(GraphLimits.nodes) nodes")
        }
        do { shapes.append(try Graph.shape(of: node, after: shapes)) } catch { throw ImportFault(error.description) }
        graph.nodes.append(node)
        try spend(parameters.values.reduce(0) { $0 + $1.count })
        for (suffix, values) in parameters { graph.parameters["\(name).\(suffix)"] = values }
        return graph.nodes.count
    }

    mutating func spend(_ elements: Int) throws(ImportFault) {
        allowance -= elements
        guard allowance >= 0 else {
            throw ImportFault("uses its tensors more often than they are there; tied weights are not supported")
        }
    }

    /// `x * factor + shift`, per channel, as a normalisation that later passes fold away.
    mutating func affine(
        _ node: ONNXNode, _ value: Int, factor: [Float], shift: [Float]
    ) throws(ImportFault) -> Int {
        let channels = factor.count
        return try append(
            unique(node), .batchNorm(epsilon: 1e-30), source: value,
            [
                "weight": factor, "bias": shift, "running_mean": [Float](repeating: 0, count: channels),
                "running_var": [Float](repeating: 1, count: channels),
            ])
    }

    // MARK: Translation

    mutating func translate(_ node: ONNXNode) throws(ImportFault) {
        guard node.proto.domain.isEmpty || node.proto.domain == "ai.onnx" else {
            throw ImportFault(
                "\(node.title): operators of domain '\(node.proto.domain.prefix(40))' are not supported")
        }
        guard let output = node.outputs.first else { throw ImportFault("\(node.title): has no output") }
        if node.type == "Split" {
            try split(node)
        } else if node.type == "QuantizeLinear" || node.type == "DequantizeLinear" {
            define(output, try quantization(node))
        } else if let symbol = try fold(node) {
            if case .constant(let tensor) = symbol { try spend(tensor.count) }
            define(output, symbol)
        } else {
            define(output, try single(node))
        }
    }

    private mutating func single(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        switch node.type {
        case "Conv": .value(try convolution(node))
        case "Gemm", "MatMul": .flat(try dense(node))
        case "BatchNormalization": .value(try batchNorm(node))
        case "Relu": try map(node, .clamp(.relu))
        case "Clip": try map(node, .clamp(try bounds(node)))
        case "Sigmoid": try map(node, .activation(.sigmoid))
        case "HardSigmoid":
            if abs(node.float("alpha", default: 0.2) - 1 / 6) < 1e-6 && node.float("beta", default: 0.5) == 0.5 {
                try map(node, .activation(.hardSigmoid))
            } else {
                throw ImportFault("\(node.title): only alpha 1/6 and beta 1/2 are supported")
            }
        case "HardSwish": try map(node, .activation(.hardSwish))
        case "Add", "Sub", "Mul", "Div": try binary(node)
        case "GlobalAveragePool": .value(try append(unique(node), .globalAveragePool, source: try value(node, 0)))
        case "ReduceMean": try reduceMean(node)
        case "ReduceMax": .value(try reduceMaximum(node))
        case "Gather": .value(try gather(node))
        case "MaxPool", "AveragePool": .value(try pool(node))
        case "Concat": .value(try concat(node))
        case "Slice": .value(try slice(node))
        case "Flatten", "Reshape", "Squeeze", "Unsqueeze": try reshape(node)
        case "Transpose": try transpose(node)
        case "Pad": try pad(node)
        case "Identity", "Dropout", "Cast": try symbol(node, 0)
        case "Softmax", "LogSoftmax": try softmax(node)
        case "QLinearConv", "QLinearMatMul", "QLinearAdd", "ConvInteger", "MatMulInteger", "DynamicQuantizeLinear",
            "QGemm":
            throw ImportFault("\(node.title): this operator is not supported; quantize statically in QDQ format")
        default:
            throw ImportFault("\(node.title): this operator is not supported; \(ONNXTranslator.supported)")
        }
    }

    static let supported =
        "supported are convolution, normalisation, pooling, dense layers, ReLU, clips, (hard) sigmoid and swish, sums, "
        + "products, concatenation, splits and channel shuffles"

    /// A function of every element.
    private mutating func map(_ node: ONNXNode, _ operation: Node.Operation) throws(ImportFault) -> ONNXSymbol {
        let input = try symbol(node, 0)
        let name = unique(node)
        switch input {
        case .value(let value): return .value(try append(name, operation, source: value))
        case .flat(let value): return .flat(try append(name, operation, source: value))
        default: throw ImportFault("\(node.title): its input is not a picture")
        }
    }

    /// Labels do not need it: what is below it goes on.
    private mutating func softmax(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        isBehindSoftmax = true
        return try symbol(node, 0)
    }

    private mutating func bounds(_ node: ONNXNode) throws(ImportFault) -> Bounds {
        let low = try float(node, "min", input: 1, default: -.infinity)
        let high = try float(node, "max", input: 2, default: .infinity)
        return Bounds(low: low, high: high > 3e38 ? .infinity : high)
    }

    private mutating func reduceMean(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let axes = try integers(node, "axes", input: 1) ?? []
        guard Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3] else {
            throw ImportFault("\(node.title): means are taken over rows and columns only, not over axes \(axes)")
        }
        let value = try append(unique(node), .globalAveragePool, source: try value(node, 0))
        return node.integer("keepdims", default: 1) == 0 ? .flat(value) : .value(value)
    }

    private mutating func concat(_ node: ONNXNode) throws(ImportFault) -> Int {
        guard node.integer("axis", default: 1) == 1 || node.integer("axis", default: 1) == -3 else {
            throw ImportFault("\(node.title): tensors are joined along channels only")
        }
        var values: [Int] = []
        for index in node.inputs.indices { values.append(try value(node, index)) }
        guard let first = values.first else { throw ImportFault("\(node.title): joins nothing") }
        if values.count == 1 { return first }
        return try append(unique(node), .concat(others: Array(values.dropFirst())), source: first)
    }

    private mutating func split(_ node: ONNXNode) throws(ImportFault) {
        let value = try value(node, 0)
        guard node.integer("axis", default: 0) == 1 else {
            throw ImportFault("\(node.title): tensors are split along channels only")
        }
        let channels = shapes[value].channels
        let parts = node.outputs.count
        let even = (channels + parts - 1) / parts
        let sizes =
            try integers(node, "split", input: 1)
            ?? (0..<parts).map { min(even, channels - $0 * even) }
        guard sizes.count == parts, sizes.allSatisfy({ $0 > 0 && $0 <= channels }), sizes.reduce(0, +) == channels
        else {
            throw ImportFault("\(node.title): parts \(sizes.prefix(8)) do not make \(channels) channels")
        }
        var first = 0
        for (output, size) in zip(node.outputs, sizes) {
            define(
                output,
                .value(try append(unique(node), .select(.range(first: first, count: size)), source: value)))
            first += size
        }
    }

    private mutating func slice(_ node: ONNXNode) throws(ImportFault) -> Int {
        let value = try value(node, 0)
        let channels = shapes[value].channels
        let starts = try integers(node, "starts", input: 1) ?? []
        let ends = try integers(node, "ends", input: 2) ?? []
        let axes = try integers(node, "axes", input: 3) ?? []
        let steps = try optionalConstant(node, 4)?.integers ?? [1]
        guard starts.count == 1, ends.count == 1, axes == [1] || axes == [-3], steps == [1] else {
            throw ImportFault("\(node.title): only channels are sliced, one run of them")
        }
        let first = min(max(starts[0] < 0 ? starts[0] &+ channels : starts[0], 0), channels)
        let end = min(max(ends[0] < 0 ? ends[0] &+ channels : ends[0], 0), channels)
        guard end > first else { throw ImportFault("\(node.title): an empty slice") }
        return try append(unique(node), .select(.range(first: first, count: end - first)), source: value)
    }

    private mutating func pad(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let value = try value(node, 0)
        let pads = try integers(node, "pads", input: 1) ?? []
        let fill = try float(node, "value", input: 2, default: 0)
        let mode = node.text("mode")
        guard mode.isEmpty || mode == "constant", fill == 0, pads.count == 8,
            pads.allSatisfy({ (0...GraphLimits.inputExtent).contains($0) }),
            pads[0] == 0, pads[1] == 0, pads[4] == 0, pads[5] == 0
        else { throw ImportFault("\(node.title): only rows and columns of zeros are padded") }
        let padding = Padding(top: pads[2], left: pads[3], bottom: pads[6], right: pads[7])
        return padding.isEmpty ? .value(value) : .padded(value, padding)
    }
}
