/// Collects tensors and yields the bytes of a safetensors file. The same calls give the same bytes.
struct SafeTensorsWriter {
    private struct Tensor {
        let name: String
        let type: SafeTensors.ElementType
        let shape: [Int]
        let data: [UInt8]
    }

    /// In the order in which they are written.
    var metadata: [(key: String, text: String)] = []
    private var tensors: [Tensor] = []

    mutating func add(_ name: String, _ values: [Float], shape: [Int]) {
        tensors.append(Tensor(name: name, type: .float32, shape: shape, data: LittleEndian.bytes(of: values)))
    }

    mutating func add(_ name: String, _ values: [Int32], shape: [Int]) {
        tensors.append(Tensor(name: name, type: .int32, shape: shape, data: LittleEndian.bytes(of: values)))
    }

    mutating func add(_ name: String, _ values: [Int8], shape: [Int]) {
        tensors.append(Tensor(name: name, type: .int8, shape: shape, data: LittleEndian.bytes(of: values)))
    }

    /// The whole file: wide elements first, so that every tensor is aligned to its element, else in order of addition.
    func bytes() -> [UInt8] {
        let ordered = tensors.filter { $0.type.bytes == 4 } + tensors.filter { $0.type.bytes != 4 }
        var members = [
            JSON.Member(
                name: "__metadata__",
                value: .object(metadata.map { JSON.Member(name: $0.key, value: .string($0.text)) }))
        ]
        var offset = 0
        for tensor in ordered {
            let end = offset + tensor.data.count
            let value = JSON.object([
                JSON.Member(name: "dtype", value: .string(tensor.type.rawValue)),
                JSON.Member(name: "shape", value: .array(tensor.shape.map { .number($0) })),
                JSON.Member(name: "data_offsets", value: .array([.number(offset), .number(end)])),
            ])
            members.append(JSON.Member(name: tensor.name, value: value))
            offset = end
        }
        var header = Array(JSON.object(members).text.utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        var file: [UInt8] = []
        file.reserveCapacity(8 + header.count + offset)
        LittleEndian.append(UInt64(header.count), to: &file)
        file.append(contentsOf: header)
        for tensor in ordered { file.append(contentsOf: tensor.data) }
        return file
    }
}
