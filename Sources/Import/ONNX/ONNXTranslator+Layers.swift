import Graphs
import Tensors

// Convolutions, pools, dense layers and normalisation.

extension ONNXTranslator {
    /// Kernel, stride, dilation and padding of a node that slides a window.
    /// - Parameters:
    ///   - kernel: of the weights, where there are any.
    ///   - extra: padding that the node before it added.
    private func window(
        _ node: ONNXNode, kernel: [Int]?, input: Shape, extra: Padding
    ) throws(ImportFault) -> Window {
        let kernel = kernel ?? node.integers("kernel_shape") ?? []
        let strides = node.integers("strides") ?? [1, 1]
        let dilations = node.integers("dilations") ?? [1, 1]
        var pads = node.integers("pads") ?? [0, 0, 0, 0]
        guard kernel.count == 2, strides.count == 2, dilations.count == 2, pads.count == 4 else {
            throw ImportFault("\(node.title): only two-dimensional windows are supported")
        }
        guard strides[0] == strides[1], dilations[0] == dilations[1], strides[0] >= 1, dilations[0] >= 1,
            (kernel + pads + strides + dilations).allSatisfy({ (0...GraphLimits.inputExtent).contains($0) }),
            kernel.allSatisfy({ $0 >= 1 })
        else {
            throw ImportFault("\(node.title): window \(kernel), steps \(strides), gaps \(dilations) are not supported")
        }
        let auto = node.text("auto_pad")
        if auto == "SAME_UPPER" || auto == "SAME_LOWER" {
            for (axis, extent) in [input.height, input.width].enumerated() {
                let outputs = (extent + strides[axis] - 1) / strides[axis]
                let span = (kernel[axis] - 1) * dilations[axis] + 1
                let all = max(0, (outputs - 1) * strides[axis] + span - extent)
                (pads[axis], pads[axis + 2]) =
                    auto == "SAME_UPPER" ? (all / 2, all - all / 2) : (all - all / 2, all / 2)
            }
        } else if !auto.isEmpty && auto != "NOTSET" && auto != "VALID" {
            throw ImportFault("\(node.title): auto_pad \(auto.prefix(20)) is not supported")
        }
        if node.integer("ceil_mode", default: 0) != 0 {
            // A last window that is only partly inside: padding behind, unless it would begin outside.
            for (axis, extent) in [input.height, input.width].enumerated() {
                let span = (kernel[axis] - 1) * dilations[axis] + 1
                let all = extent + pads[axis] + pads[axis + 2] - span
                guard all >= 0 else { continue }
                var outputs = (all + strides[axis] - 1) / strides[axis] + 1
                if (outputs - 1) * strides[axis] >= extent + pads[axis] { outputs -= 1 }
                pads[axis + 2] += max(0, (outputs - 1) * strides[axis] - all)
            }
        }
        return Window(
            height: kernel[0], width: kernel[1], stride: strides[0], dilation: dilations[0],
            padding: Padding(
                top: pads[0] + extra.top, left: pads[1] + extra.left, bottom: pads[2] + extra.bottom,
                right: pads[3] + extra.right))
    }

    /// The value that a window slides over, and padding around it that comes from a node of its own.
    private mutating func padded(_ node: ONNXNode) throws(ImportFault) -> (value: Int, padding: Padding) {
        if case .padded(let value, let padding) = try symbol(node, 0) { return (value, padding) }
        return (try value(node, 0), Padding(0))
    }

    mutating func convolution(_ node: ONNXNode) throws(ImportFault) -> Int {
        let (value, extra) = try padded(node)
        let (weight, bias) = (try constant(node, 1), try optionalConstant(node, 2))
        guard weight.shape.count == 4, weight.shape[0] >= 1 else {
            throw ImportFault("\(node.title): weights of shape \(weight.shape) are not a two-dimensional convolution")
        }
        let (outputs, groups) = (weight.shape[0], node.integer("group", default: 1))
        let inputs = shapes[value].channels
        guard groups >= 1, inputs % groups == 0, weight.shape[1] == inputs / groups else {
            throw ImportFault(
                "\(node.title): weights of shape \(weight.shape) do not fit \(inputs) channels in \(groups) groups")
        }
        guard bias.map({ $0.count == outputs }) ?? true else {
            throw ImportFault("\(node.title): has a bias of \(bias?.count ?? 0) elements for \(outputs) outputs")
        }
        let isDepthwise = groups == inputs && outputs == inputs && groups > 1
        let convolution = Convolution(
            outputs: outputs,
            window: try window(node, kernel: Array(weight.shape[2...]), input: shapes[value], extra: extra),
            isDepthwise: isDepthwise, groups: isDepthwise ? 1 : groups, hasBias: bias != nil)
        var parameters = ["weight": weight.floats]
        if let bias { parameters["bias"] = bias.floats }
        let name = unique(node, weights: 1)
        if let own = weight.quantized {
            integerWeights[name] = try own.perOutput(outputs, axis: 0, title: node.title)
        }
        return try append(name, .convolution(convolution, skip: nil), source: value, parameters)
    }

    mutating func pool(_ node: ONNXNode) throws(ImportFault) -> Int {
        let (value, extra) = try padded(node)
        let kind: Pool.Kind = node.type == "MaxPool" ? .maximum : .average
        let countsPadding = node.integer("count_include_pad", default: 0) != 0
        guard extra.isEmpty || (kind == .average && countsPadding) else {
            throw ImportFault("\(node.title): pools a padded picture; pad within the pool")
        }
        guard node.outputs.count == 1 else { throw ImportFault("\(node.title): indices of a pool are not supported") }
        let shape = shapes[value]
        let window = try window(node, kernel: nil, input: shape, extra: extra)
        if window.isPointwise { return value }
        if kind == .average, window.height == shape.height, window.width == shape.width, window.padding.isEmpty {
            return try append(unique(node), .globalAveragePool, source: value)
        }
        let isPadded = !window.padding.isEmpty
        if kind == .average, node.integer("ceil_mode", default: 0) != 0, countsPadding, isPadded {
            throw ImportFault("\(node.title): a mean with ceil_mode and counted padding is not supported")
        }
        return try append(
            unique(node), .pool(Pool(kind, window, countsPadding: countsPadding || !isPadded)), source: value)
    }

    mutating func batchNorm(_ node: ONNXNode) throws(ImportFault) -> Int {
        let value = try value(node, 0)
        let channels = shapes[value].channels
        var parameters: [String: [Float]] = [:]
        for (index, suffix) in ["weight", "bias", "running_mean", "running_var"].enumerated() {
            let tensor = try constant(node, index + 1)
            guard tensor.count == channels else {
                throw ImportFault("\(node.title): has \(tensor.count) values for \(channels) channels")
            }
            parameters[suffix] = tensor.floats
        }
        return try append(
            unique(node, weights: 1), .batchNorm(epsilon: node.float("epsilon", default: 1e-5)), source: value,
            parameters)
    }

    /// A dense layer is a convolution whose kernel is as large as the picture; the last one becomes `.dense` at the end.
    mutating func dense(_ node: ONNXNode) throws(ImportFault) -> Int {
        let input: Int
        switch try symbol(node, 0) {
        case .flat(let value), .value(let value): input = value
        default: throw ImportFault("\(node.title): its input is not a picture")
        }
        let shape = shapes[input]
        let weight = try constant(node, 1)
        guard weight.shape.count == 2 else {
            throw ImportFault("\(node.title): weights of shape \(weight.shape) are not a matrix")
        }
        let isTransposed = node.type == "Gemm" && node.integer("transB", default: 0) != 0
        let (outputs, inputs) = (weight.shape[isTransposed ? 0 : 1], weight.shape[isTransposed ? 1 : 0])
        guard inputs == shape.count, outputs >= 1 else {
            throw ImportFault("\(node.title): weights of shape \(weight.shape) do not fit an input of \(shape)")
        }
        guard node.float("alpha", default: 1) == 1, node.float("beta", default: 1) == 1,
            node.integer("transA", default: 0) == 0
        else { throw ImportFault("\(node.title): alpha, beta and transA are not supported") }
        var values = weight.floats
        if !isTransposed {
            let rows = values
            for output in 0..<outputs {
                for i in 0..<inputs { values[output * inputs + i] = rows[i * outputs + output] }
            }
        }
        let bias = try node.type == "Gemm" ? optionalConstant(node, 2) : nil
        guard bias.map({ $0.count == outputs }) ?? true else {
            throw ImportFault("\(node.title): has a bias of \(bias?.count ?? 0) elements for \(outputs) outputs")
        }
        let convolution = Convolution(
            outputs: outputs, window: Window(height: shape.height, width: shape.width), hasBias: true)
        let name = unique(node, weights: 1)
        if let own = weight.quantized {
            let rows = isTransposed ? own : own.transposed(rows: inputs, columns: outputs)
            integerWeights[name] = try rows.perOutput(outputs, axis: 0, title: node.title)
        }
        return try append(
            name, .convolution(convolution, skip: nil), source: input,
            ["weight": values, "bias": bias?.floats ?? [Float](repeating: 0, count: outputs)])
    }

    /// Sum, difference, product or quotient of two values, or of a value and a constant a channel.
    mutating func binary(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let (first, second) = (try symbol(node, 0), try symbol(node, 1))
        if case .constant(let constant) = second { return try withConstant(node, first, constant, isSecond: true) }
        if case .constant(let constant) = first { return try withConstant(node, second, constant, isSecond: false) }
        let (a, b) = (try value(node, 0), try value(node, 1))
        switch node.type {
        case "Add": return .value(try append(unique(node), .add(other: b), source: a))
        case "Mul":
            if let swish = swish(a, gate: b) ?? swish(b, gate: a) {
                return .value(try append(unique(node), .activation(swish.function), source: swish.value))
            }
            let isFirstSmall = shapes[a].pixels == 1 && shapes[b].pixels > 1
            return .value(
                try append(unique(node), .multiply(other: isFirstSmall ? a : b), source: isFirstSmall ? b : a))
        default: throw ImportFault("\(node.title): differences and quotients of two values are not supported")
        }
    }

    /// `x * sigmoid(x)` and `x * hardSigmoid(x)`; a gate that is quantized itself stays a node of its own.
    private func swish(_ value: Int, gate: Int) -> (value: Int, function: Activation)? {
        guard gate > 0, graph.nodes[gate - 1].source == value, quantizations[graph.nodes[gate - 1].name] == nil else {
            return nil
        }
        switch graph.nodes[gate - 1].operation {
        case .activation(.sigmoid): return (value, .swish)
        case .activation(.hardSigmoid): return (value, .hardSwish)
        default: return nil
        }
    }

    private mutating func withConstant(
        _ node: ONNXNode, _ symbol: ONNXSymbol, _ constant: ForeignTensor, isSecond: Bool
    ) throws(ImportFault) -> ONNXSymbol {
        let value: Int
        var isFlat = false
        switch symbol {
        case .value(let number): value = number
        case .flat(let number): (value, isFlat) = (number, true)
        default: throw ImportFault("\(node.title): its input is not a picture")
        }
        let channels = shapes[value].channels
        guard let operand = constant.perChannel(channels), isSecond || (node.type != "Sub" && node.type != "Div") else {
            throw ImportFault("\(node.title): a constant of shape \(constant.shape) is not one number a channel")
        }
        // The bias of a matrix product.
        if node.type == "Add", value == graph.nodes.count, value > 0,
            case .convolution(let convolution, nil) = graph.nodes[value - 1].operation, convolution.hasBias, isFlat,
            let bias = graph.parameters["\(graph.nodes[value - 1].name).bias"]
        {
            graph.parameters["\(graph.nodes[value - 1].name).bias"] = zip(bias, operand).map { $0 + $1 }
            return symbol
        }
        let (ones, zeros) = ([Float](repeating: 1, count: channels), [Float](repeating: 0, count: channels))
        let result: Int
        switch node.type {
        case "Add": result = try affine(node, value, factor: ones, shift: operand)
        case "Sub": result = try affine(node, value, factor: ones, shift: operand.map { -$0 })
        case "Mul": result = try affine(node, value, factor: operand, shift: zeros)
        default:
            guard operand.allSatisfy({ $0 != 0 }) else { throw ImportFault("\(node.title): divides by zero") }
            result = try affine(node, value, factor: operand.map { 1 / $0 }, shift: zeros)
        }
        return isFlat ? .flat(result) : .value(result)
    }
}
