/// Writes `.pt` files as `torch.save` writes a state dict, true or false: tests say what is false.
package struct StateDictionary {
    package struct Tensor {
        package var name: String
        /// Extents, outermost first.
        package var shape: [Int]
        /// Of the storage.
        package var values: [Float]
        /// First element within the storage.
        package var offset = 0
        /// Elements from one index to the next; those of a contiguous tensor when nil.
        package var strides: [Int]?
        /// Elements that the pickle announces; those of `values` when nil.
        package var announced: Int?
        /// Name of the storage's type.
        package var type = "FloatStorage"

        package init(_ name: String, _ shape: [Int], _ values: [Float]) {
            (self.name, self.shape, self.values) = (name, shape, values)
        }
    }

    package var tensors: [Tensor]
    /// Keys that the dictionary lies below.
    package var wrappers: [String] = []
    /// A name that the pickle refers to on top, as in `os system`; nil refers to none.
    package var global: (module: String, name: String)?

    package init(_ tensors: [Tensor]) { self.tensors = tensors }

    /// The file.
    package var bytes: [UInt8] {
        var members: [(name: String, bytes: [UInt8])] = [
            ("archive/data.pkl", pickle), ("archive/byteorder", Array("little".utf8)),
        ]
        for (number, tensor) in tensors.enumerated() {
            members.append(("archive/data/\(number)", unsafe tensor.values.withUnsafeBytes { unsafe Array($0) }))
        }
        return StoredZip(members).bytes
    }

    package var pickle: [UInt8] {
        var code: [UInt8] = [0x80, 2]
        if let global { code += Array("c\(global.module)\n\(global.name)\n0".utf8) }
        for wrapper in wrappers { code += Array("}".utf8) + text(wrapper) }
        code += Array("ccollections\nOrderedDict\n)R(".utf8)
        for (number, tensor) in tensors.enumerated() {
            code += text(tensor.name) + Array("ctorch._utils\n_rebuild_tensor_v2\n((".utf8)
            code += text("storage") + Array("ctorch\n\(tensor.type)\n".utf8) + text("\(number)") + text("cpu")
            code += integer(tensor.announced ?? tensor.values.count) + Array("tQ".utf8) + integer(tensor.offset)
            code += tuple(tensor.shape) + tuple(tensor.strides ?? contiguous(tensor.shape))
            code += [0x89] + Array("ccollections\nOrderedDict\n)RtR".utf8)
        }
        code += Array("u".utf8)
        for _ in wrappers { code += Array("s".utf8) }
        return code + Array(".".utf8)
    }

    private func contiguous(_ shape: [Int]) -> [Int] {
        var (strides, step) = ([Int](), 1)
        for extent in shape.reversed() {
            strides.insert(step, at: 0)
            step *= extent
        }
        return strides
    }

    private func text(_ value: String) -> [UInt8] {
        Array("X".utf8) + little(UInt32(value.utf8.count)) + Array(value.utf8)
    }
    private func integer(_ value: Int) -> [UInt8] { [0x8a, 8] + little(UInt64(bitPattern: Int64(value))) }
    private func tuple(_ values: [Int]) -> [UInt8] {
        Array("(".utf8) + values.flatMap { integer($0) } + Array("t".utf8)
    }

    private func little(_ value: some FixedWidthInteger) -> [UInt8] {
        (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
}
