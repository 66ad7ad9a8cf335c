/// Typed access to the attributes of a node.
struct ONNXNode {
    let proto: Onnx_NodeProto

    var type: String { proto.opType }
    var inputs: [String] { proto.input }
    var outputs: [String] { proto.output }

    /// For messages.
    var title: String {
        "node '\(String((proto.name.isEmpty ? proto.output.first ?? "" : proto.name).prefix(80)))' (\(type.prefix(40)))"
    }

    private func attribute(_ name: String) -> Onnx_AttributeProto? { proto.attribute.first { $0.name == name } }

    func has(_ name: String) -> Bool { attribute(name) != nil }
    func integer(_ name: String, default value: Int) -> Int { attribute(name).map { Int($0.i) } ?? value }
    func float(_ name: String, default value: Float) -> Float { attribute(name).map(\.f) ?? value }
    func integers(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }
    func floats(_ name: String) -> [Float]? { attribute(name).map(\.floats) }
    func tensor(_ name: String) -> Onnx_TensorProto? { attribute(name).map(\.t) }
    func text(_ name: String) -> String { attribute(name).map { String(decoding: $0.s, as: UTF8.self) } ?? "" }

    /// Last part of the module's path that PyTorch's exporter writes into the name: `features.0.0` of
    /// `/features/features.0/features.0.0/Conv`; nil where there is none.
    var module: String? {
        let parts = proto.name.split(separator: "/")
        guard parts.count >= 2 else { return nil }
        return String(parts[parts.count - 2])
    }
}
