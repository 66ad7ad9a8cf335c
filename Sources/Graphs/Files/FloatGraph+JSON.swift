import Tensors

// The graph of a float file of the second version, as JSON.

extension Graph {
    var json: JSON {
        var members = input.members
        if !inputPadding.isEmpty {
            members.append(.init(name: "padding", value: .array(inputPadding.map { .number($0) })))
        }
        return .object([
            .init(name: "input", value: .object(members)),
            .init(name: "nodes", value: .array(nodes.map { .object($0.members) })),
        ])
    }
}

extension Node {
    fileprivate var members: [JSON.Member] {
        func plain(_ operation: String, _ more: [JSON.Member] = []) -> [JSON.Member] {
            [.init(name: "op", value: .string(operation)), .init(name: "source", value: .number(source))] + more
        }
        let own: [JSON.Member] =
            switch operation {
            case .convolution(let convolution, let skip):
                plain(
                    "convolution",
                    [
                        .init(name: "skip", value: skip.map { .number($0) } ?? .null),
                        .init(name: "outputs", value: .number(convolution.outputs)),
                    ] + convolution.window.members + [
                        .init(name: "depthwise", value: .bool(convolution.isDepthwise)),
                        .init(name: "groups", value: .number(convolution.groups)),
                        .init(name: "bias", value: .bool(convolution.hasBias)),
                        .init(name: "clamp", value: convolution.clamp.map { .object($0.members) } ?? .null),
                    ])
            case .batchNorm(let epsilon): plain("batch_norm", [.init(name: "epsilon", value: .number(epsilon))])
            case .clamp(let bounds): plain("clamp", bounds.members)
            case .add(let other): plain("add", [.init(name: "other", value: .number(other))])
            case .globalAveragePool: plain("global_average_pool")
            case .dense(let outputs): plain("dense", [.init(name: "outputs", value: .number(outputs))])
            case .activation(let function):
                plain("activation", [.init(name: "function", value: .string(function.rawValue))])
            case .multiply(let other): JSON.multiply(source: source, other: other)
            case .pool(let pool): JSON.pool(pool, source: source)
            case .concat(let others): JSON.concat(source: source, others: others)
            case .select(let selection): JSON.select(selection, source: source)
            case .groupMaximum(let size): JSON.groupMaximum(size: size, source: source)
            }
        return [.init(name: "name", value: .string(name))] + own
    }
}

extension Bounds {
    /// No upper bound is null.
    fileprivate var members: [JSON.Member] {
        [
            .init(name: "low", value: .number(low)),
            .init(name: "high", value: high.isFinite ? .number(high) : .null),
        ]
    }
}

extension SafeTensors {
    /// The graph of a float file of the second version; not yet validated.
    func floatGraph() throws(ModelFileError) -> Graph {
        let object = try JSONObject(try json("graph"), what: "graph", path: path)
        let inputObject = try JSONObject(try object.value("input"), what: "input", path: path)
        let network = try text("network")
        guard !network.isEmpty && network.utf8.count <= GraphLimits.nameBytes else {
            throw .badData(path, "__metadata__ network: is empty or too long")
        }
        var graph = Graph(network: network, input: try inputObject.shape(), nodes: [])
        if inputObject.optional("padding") != nil { graph.inputPadding = try inputObject.floats("padding") }
        try inputObject.refuseOtherMembers()
        guard case .array(let list) = try object.value("nodes") else { throw object.bad("nodes", "is not a list") }
        guard list.count <= GraphLimits.nodes else {
            throw object.bad("nodes", "has \(list.count) entries; \(GraphLimits.nodes) is the limit")
        }
        try object.refuseOtherMembers()
        for (index, value) in list.enumerated() {
            graph.nodes.append(
                try JSONObject(value, what: "node \(index)", path: path).floatNode(limit: graph.nodes.count))
        }
        return graph
    }
}

extension JSONObject {
    fileprivate func floatNode(limit: Int) throws(ModelFileError) -> Node {
        let node = Node(
            name: try string("name"), operation: try floatOperation(try string("op"), limit: limit),
            source: try integer("source", in: 0...limit))
        try refuseOtherMembers()
        return node
    }

    private func floatOperation(_ name: String, limit: Int) throws(ModelFileError) -> Node.Operation {
        switch name {
        case "convolution":
            let clamp = try value("clamp")
            let convolution = Convolution(
                outputs: try integer("outputs", in: 1...GraphLimits.channels), window: try window(),
                isDepthwise: try bool("depthwise"), groups: try integer("groups", in: 1...GraphLimits.channels),
                hasBias: try bool("bias"), clamp: clamp == .null ? nil : try nested("clamp").bounds(isWhole: true))
            return .convolution(
                convolution, skip: try value("skip") == .null ? nil : try integer("skip", in: 0...limit))
        case "batch_norm": return .batchNorm(epsilon: try float("epsilon"))
        case "clamp": return .clamp(try bounds(isWhole: false))
        case "add": return .add(other: try integer("other", in: 0...limit))
        case "global_average_pool": return .globalAveragePool
        case "dense": return .dense(outputs: try integer("outputs", in: 1...GraphLimits.channels))
        case "activation":
            guard let function = Activation(rawValue: try string("function")) else {
                throw bad("function", "is unknown; the file may be of a newer version")
            }
            return .activation(function)
        default:
            guard let shared = try sharedOperation(name, limit: limit) else {
                throw bad("op", "\(name.prefix(80)) is unknown; the file may be of a newer version")
            }
            return shared.float
        }
    }

    /// - Parameter isWhole: whether the object holds nothing else.
    private func bounds(isWhole: Bool) throws(ModelFileError) -> Bounds {
        let high = try value("high") == .null ? .infinity : try float("high")
        let bounds = Bounds(low: try float("low"), high: high)
        if isWhole { try refuseOtherMembers() }
        return bounds
    }
}
