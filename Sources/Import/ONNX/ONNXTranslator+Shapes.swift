import Graphs
import Tensors

// Operators that move no data here: reshaping, and arithmetic on shapes that exporters leave in a graph.

extension ONNXTranslator {
    mutating func reshape(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let input = try symbol(node, 0)
        let target = node.type == "Reshape" ? try constant(node, 1).integers : nil
        switch input {
        case .value(let value), .flat(let value):
            let shape = shapes[value]
            switch node.type {
            case "Flatten":
                guard node.integer("axis", default: 1) == 1 else { break }
                return .flat(value)
            case "Squeeze" where shape.pixels == 1: return .flat(value)
            case "Unsqueeze" where shape.pixels == 1: return .value(value)
            case "Reshape":
                guard let target, target.count <= 5 else { break }
                if target.count == 2, [-1, 0, shape.count].contains(target[1]) { return .flat(value) }
                if target.count == 4, shape.pixels == 1, target[2...].allSatisfy({ $0 == 1 }) { return .value(value) }
                if target.count == 4, case .value = input,
                    resolves(target[1...], [shape.channels, shape.height, shape.width])
                {
                    return .value(value)
                }
                if target.count == 5, target[1] >= 1, shape.channels % target[1] == 0,
                    resolves(target[2...], [shape.channels / target[1], shape.height, shape.width])
                {
                    return .grouped(value, groups: target[1])
                }
            default: break
            }
        case .regrouped(let value, let groups):
            let shape = shapes[value]
            if let target, target.count == 4, resolves(target[1...], [shape.channels, shape.height, shape.width]) {
                return .value(try append(unique(node), .select(.shuffle(groups: groups)), source: value))
            }
        default: break
        }
        throw ImportFault(
            "\(node.title): this change of shape is not supported; flattening and channel shuffles are")
    }

    /// Whether extents of a target, of which one may be -1, are those wanted.
    private func resolves(_ target: ArraySlice<Int>, _ wanted: [Int]) -> Bool {
        target.count == wanted.count && target.count { $0 == -1 } <= 1
            && zip(target, wanted).allSatisfy { $0 == -1 || $0 == $1 }
    }

    mutating func transpose(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol {
        let input = try symbol(node, 0)
        guard case .grouped(let value, let groups) = input, node.integers("perm") == [0, 2, 1, 3, 4] else {
            throw ImportFault("\(node.title): only the transposition of a channel shuffle is supported")
        }
        return .regrouped(value, groups: groups)
    }

    /// What a node yields whose inputs are all constants, or that asks for a shape; nil for any other.
    mutating func fold(_ node: ONNXNode) throws(ImportFault) -> ONNXSymbol? {
        if node.type == "Constant" {
            if let proto = node.tensor("value") { return .constant(try ForeignTensor(proto)) }
            if node.has("value_float") {
                return .constant(ForeignTensor(shape: [], elements: .floats([node.float("value_float", default: 0)])))
            }
            if node.has("value_int") {
                return .constant(ForeignTensor(shape: [], elements: .integers([node.integer("value_int", default: 0)])))
            }
            if let values = node.integers("value_ints") {
                return .constant(ForeignTensor(shape: [values.count], elements: .integers(values)))
            }
            if let values = node.floats("value_floats") {
                return .constant(ForeignTensor(shape: [values.count], elements: .floats(values)))
            }
            throw ImportFault("\(node.title): holds no number")
        }
        if node.type == "Shape", case .value(let value)? = try optional(node, 0) {
            let shape = shapes[value]
            var extents = [1, shape.channels, shape.height, shape.width]
            let end = node.integer("end", default: 4)
            let start = node.integer("start", default: 0)
            let range = (start < 0 ? start &+ 4 : start, end < 0 ? end &+ 4 : min(end, 4))
            guard range.0 >= 0, range.0 <= range.1 else { throw ImportFault("\(node.title): asks for no extent") }
            extents = Array(extents[range.0..<range.1])
            return .constant(ForeignTensor(shape: [extents.count], elements: .integers(extents)))
        }
        var constants: [ForeignTensor] = []
        for index in node.inputs.indices {
            guard case .constant(let tensor)? = try optional(node, index) else { return nil }
            constants.append(tensor)
        }
        guard let first = constants.first else { return nil }
        if node.type == "Identity" || node.type == "Dropout" { return .constant(first) }
        guard constants.allSatisfy({ $0.count <= ImportLimits.folded }) else { return nil }
        return try integers(node, constants).map { .constant($0) }
    }

    /// Arithmetic on shapes.
    private func integers(_ node: ONNXNode, _ constants: [ForeignTensor]) throws(ImportFault) -> ForeignTensor? {
        guard let first = constants[0].integers else { return node.type == "Cast" ? constants[0] : nil }
        func vector(_ values: [Int]) -> ForeignTensor {
            ForeignTensor(shape: [values.count], elements: .integers(values))
        }
        switch node.type {
        case "Unsqueeze", "Squeeze", "Cast", "Reshape":
            return ForeignTensor(
                shape: node.type == "Squeeze" && first.count == 1 ? [] : [first.count], elements: .integers(first))
        case "Concat":
            var all: [Int] = []
            for constant in constants {
                all += constant.integers ?? []
                guard all.count <= ImportLimits.folded else { throw ImportFault("\(node.title): joins too much") }
            }
            return vector(all)
        case "Gather":
            guard constants.count == 2, let indices = constants[1].integers else { return nil }
            var picked: [Int] = []
            for index in indices {
                let place = index < 0 ? index &+ first.count : index
                guard first.indices.contains(place) else { throw ImportFault("\(node.title): an index is outside") }
                picked.append(first[place])
            }
            return ForeignTensor(shape: constants[1].shape, elements: .integers(picked))
        case "Slice":
            guard constants.count >= 3, let start = constants[1].integers?.first, let end = constants[2].integers?.first
            else { return nil }
            let count = first.count
            let from = min(max(start < 0 ? start &+ count : start, 0), count)
            let to = min(max(end < 0 ? end &+ count : end, from), count)
            return vector(Array(first[from..<to]))
        case "Add", "Sub", "Mul", "Div":
            guard constants.count == 2, let second = constants[1].integers,
                first.count == second.count || second.count == 1
            else { return nil }
            var results: [Int] = []
            for (i, a) in first.enumerated() {
                let b = second[second.count == 1 ? 0 : i]
                switch node.type {
                case "Add": results.append(a &+ b)
                case "Sub": results.append(a &- b)
                case "Mul": results.append(a &* b)
                default:
                    guard b != 0, b != -1 || a != .min else { throw ImportFault("\(node.title): divides by zero") }
                    results.append(a / b)
                }
            }
            return ForeignTensor(shape: constants[0].shape, elements: .integers(results))
        default: return nil
        }
    }
}
