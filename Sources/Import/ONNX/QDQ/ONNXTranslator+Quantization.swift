import Graphs
import Tensors

// QuantizeLinear and DequantizeLinear: notes on values, and weights as whole numbers.

extension ONNXTranslator {
    /// A constant becomes real weights that know their steps; of a value it is noted how it is quantized.
    mutating func quantization(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let input = try symbol(node, 0)
        let scales = try constant(node, 1).floats
        let zero = try optionalConstant(node, 2)
        guard !scales.isEmpty, scales.allSatisfy({ (1e-12...1e6).contains($0) }) else {
            throw ImportFault("\(node.title): its scale is outside 1e-12...1e6")
        }
        guard zero?.integers != nil || zero == nil, zero.map({ $0.count == scales.count || $0.count == 1 }) ?? true
        else {
            throw ImportFault("\(node.title): its zero points do not fit its scales")
        }
        guard node.integer("block_size", default: 0) == 0 else {
            throw ImportFault("\(node.title): weights quantized in blocks are not supported; quantize per channel")
        }
        if case .constant(let tensor) = input { return .constant(try weights(node, tensor, scales, zero)) }
        guard scales.count == 1 else {
            throw ImportFault("\(node.title): quantizes a value per channel; one scale for all of it is supported")
        }
        let offset = zero?.integers?.first ?? 0
        let isUnsigned = zero?.isUnsignedByte ?? true
        guard (isUnsigned ? 0...255 : -128...127).contains(offset) else {
            throw ImportFault("\(node.title): zero point \(offset) is no byte; 8-bit values are supported")
        }
        let params = QuantParams(scale: scales[0], zeroPoint: Int8(isUnsigned ? offset - 128 : offset))
        return try note(params, of: input, node)
    }

    private mutating func weights(
        _ node: ONNXNode, _ tensor: ForeignTensor, _ scales: [Float], _ zero: ForeignTensor?
    ) throws(ImportFault) -> ForeignTensor {
        let given = node.integer("axis", default: 1)
        let axis = given < 0 ? given &+ tensor.shape.count : given
        guard scales.count == 1 || (tensor.shape.indices.contains(axis) && tensor.shape[axis] == scales.count) else {
            throw ImportFault("\(node.title): \(scales.count) scales do not fit a tensor of shape \(tensor.shape)")
        }
        try spend(tensor.count)
        let zeros = zero?.integers ?? [0]
        var constant = QuantizedConstant(
            steps: [], scales: scales, axis: scales.count == 1 ? 0 : axis, shape: tensor.shape)
        let inner = scales.count == 1 ? 1 : tensor.shape[(axis + 1)...].reduce(1, *)
        let offset = { (place: Int) in zeros[zeros.count == 1 ? 0 : place / inner % scales.count] }
        if node.type == "QuantizeLinear" {
            let bounds = zero?.isUnsignedByte ?? true ? (0, 255) : (-128, 127)
            constant.steps = tensor.floats.enumerated().map { place, value in
                let exact = value / scales[scales.count == 1 ? 0 : place / inner % scales.count]
                let step = Int(min(max(exact.isNaN ? 0 : exact, -0x1p20), 0x1p20).rounded(.toNearestOrEven))
                return min(max(step &+ offset(place), bounds.0), bounds.1) &- offset(place)
            }
        } else if let steps = tensor.quantized?.steps {
            // Quantized just before: these are the same steps.
            constant.steps = steps
        } else {
            guard let integers = tensor.integers else {
                throw ImportFault("\(node.title): its input is neither quantized nor whole numbers")
            }
            constant.steps = integers.indices.map { integers[$0] &- offset($0) }
        }
        var result = ForeignTensor(shape: tensor.shape, elements: .floats(constant.floats))
        result.quantized = constant
        return result
    }

    /// Notes how a value is quantized; a second way needs a node of its own, which rounds again.
    private mutating func note(
        _ params: QuantParams, of symbol: ONNXSymbol, _ node: ONNXNode
    ) throws(ImportFault) -> ONNXSymbol {
        let value: Int
        switch symbol {
        case .value(let own), .flat(let own), .grouped(let own, _), .regrouped(let own, _), .padded(let own, _):
            value = own
        case .constant: throw ImportFault("\(node.title): its input is no value")
        }
        isQuantized = true
        // The network reads bytes of the camera, which are finer than any of these.
        guard value > 0, !isBehindSoftmax else { return symbol }
        let name = graph.nodes[value - 1].name
        guard let known = quantizations[name] else {
            quantizations[name] = params
            return symbol
        }
        if known == params { return symbol }
        guard node.type == "QuantizeLinear" else {
            throw ImportFault("\(node.title): reads with another scale than the value was written with")
        }
        let again = unique(node)
        let result = try append(
            again, .clamp(Bounds(low: -Float.greatestFiniteMagnitude, high: .infinity)), source: value)
        quantizations[again] = params
        return switch symbol {
        case .flat: .flat(result)
        case .grouped(_, let groups): .grouped(result, groups: groups)
        case .regrouped(_, let groups): .regrouped(result, groups: groups)
        case .padded(_, let padding): .padded(result, padding)
        case .value, .constant: .value(result)
        }
    }
}
