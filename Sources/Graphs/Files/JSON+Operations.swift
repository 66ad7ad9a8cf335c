// Operations that float and integer graphs share, as members of a node in a file.

extension JSON {
    private static func node(_ operation: String, _ source: Int, _ more: [Member]) -> [Member] {
        [.init(name: "op", value: .string(operation)), .init(name: "source", value: .number(source))] + more
    }

    static func multiply(source: Int, other: Int) -> [Member] {
        node("multiply", source, [.init(name: "other", value: .number(other))])
    }

    static func pool(_ pool: Pool, source: Int) -> [Member] {
        node(
            "pool", source,
            [.init(name: "kind", value: .string(pool.kind.rawValue))] + pool.window.members
                + [.init(name: "counts_padding", value: .bool(pool.countsPadding))])
    }

    static func concat(source: Int, others: [Int]) -> [Member] {
        node("concat", source, [.init(name: "others", value: .array(others.map { .number($0) }))])
    }

    static func select(_ selection: ChannelSelection, source: Int) -> [Member] {
        switch selection {
        case .range(let first, let count):
            node(
                "range", source,
                [.init(name: "first", value: .number(first)), .init(name: "count", value: .number(count))])
        case .shuffle(let groups): node("shuffle", source, [.init(name: "groups", value: .number(groups))])
        case .repeated(let copies): node("repeat", source, [.init(name: "copies", value: .number(copies))])
        }
    }

    static func groupMaximum(size: Int, source: Int) -> [Member] {
        node("group_maximum", source, [.init(name: "size", value: .number(size))])
    }
}

extension Window {
    /// A square window as in the first version of the format; any other says all there is to say.
    var members: [JSON.Member] {
        if let square {
            return [
                .init(name: "kernel", value: .number(square.kernel)),
                .init(name: "stride", value: .number(square.stride)),
                .init(name: "padding", value: .number(square.padding)),
            ]
        }
        return [
            .init(name: "kernel", value: .array([.number(height), .number(width)])),
            .init(name: "stride", value: .number(stride)),
            .init(name: "dilation", value: .number(dilation)),
            .init(
                name: "padding",
                value: .array([padding.top, padding.left, padding.bottom, padding.right].map { .number($0) })),
        ]
    }
}

extension JSONObject {
    func window() throws(ModelFileError) -> Window {
        let stride = try integer("stride", in: 1...GraphLimits.stride)
        if case .array = try value("kernel") {
            let (kernel, padding) = (try integers("kernel"), try integers("padding"))
            guard kernel.count == 2, padding.count == 4,
                kernel.allSatisfy({ (1...GraphLimits.inputExtent).contains($0) }),
                padding.allSatisfy({ (0...GraphLimits.inputExtent).contains($0) })
            else { throw bad("kernel", "needs two extents, and padding four, within bounds") }
            return Window(
                height: kernel[0], width: kernel[1], stride: stride,
                dilation: try integer("dilation", in: 1...GraphLimits.dilation),
                padding: Padding(top: padding[0], left: padding[1], bottom: padding[2], right: padding[3]))
        }
        return Window(
            kernel: try integer("kernel", in: 1...GraphLimits.inputExtent), stride: stride,
            padding: try integer("padding", in: 0...GraphLimits.inputExtent))
    }

    /// A pool, a selection or the like; nil for an operation that is none of these.
    func sharedOperation(_ name: String, limit: Int) throws(ModelFileError) -> SharedOperation? {
        switch name {
        case "multiply": return .multiply(other: try integer("other", in: 0...limit))
        case "pool":
            guard let kind = Pool.Kind(rawValue: try string("kind")) else {
                throw bad("kind", "is neither maximum nor average")
            }
            return .pool(Pool(kind, try window(), countsPadding: try bool("counts_padding")))
        case "concat":
            let others = try integers("others")
            guard others.count < GraphLimits.sources, others.allSatisfy({ (0...limit).contains($0) }) else {
                throw bad("others", "names too many values, or one that does not precede the node")
            }
            return .concat(others: others)
        case "range":
            return .select(
                .range(
                    first: try integer("first", in: 0...GraphLimits.channels),
                    count: try integer("count", in: 1...GraphLimits.channels)))
        case "shuffle": return .select(.shuffle(groups: try integer("groups", in: 1...GraphLimits.channels)))
        case "repeat": return .select(.repeated(copies: try integer("copies", in: 1...GraphLimits.channels)))
        case "group_maximum": return .groupMaximum(size: try integer("size", in: 1...GraphLimits.channels))
        default: return nil
        }
    }
}

/// An operation that float and integer graphs share.
enum SharedOperation {
    case multiply(other: Int)
    case pool(Pool)
    case concat(others: [Int])
    case select(ChannelSelection)
    case groupMaximum(size: Int)

    var quantized: QuantizedNode.Operation {
        switch self {
        case .multiply(let other): .multiply(other: other)
        case .pool(let pool): .pool(pool)
        case .concat(let others): .concat(others: others)
        case .select(let selection): .select(selection)
        case .groupMaximum(let size): .groupMaximum(size: size)
        }
    }

    var float: Node.Operation {
        switch self {
        case .multiply(let other): .multiply(other: other)
        case .pool(let pool): .pool(pool)
        case .concat(let others): .concat(others: others)
        case .select(let selection): .select(selection)
        case .groupMaximum(let size): .groupMaximum(size: size)
        }
    }
}
