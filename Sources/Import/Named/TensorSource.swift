/// A file of named tensors without a network: read one by one, as floats.
protocol TensorSource {
    /// In the file's order.
    var names: [String] { get }
    /// Of the file.
    var byteCount: Int { get }

    /// Extents, outermost first; nil where there is no tensor of that name.
    func shape(of name: String) -> [Int]?

    /// Elements in the usual order, the last axis fastest.
    /// - Throws: when the file's bytes do not hold them.
    func floats(of name: String) throws(ImportFault) -> [Float]
}

/// Elements of the types that weights are stored in, as floats.
enum ElementDecoding {
    /// - Parameters:
    ///   - bytes: little-endian.
    ///   - count: elements.
    static func floats(_ bytes: UnsafeRawBufferPointer, _ element: TorchElement, count: Int) -> [Float] {
        precondition(bytes.count >= count * element.bytes)
        func each<Number: BitwiseCopyable>(_ type: Number.Type, _ value: (Number) -> Float) -> [Float] {
            (0..<count).map {
                unsafe value(bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.size, as: type))
            }
        }
        return switch element {
        case .float32: each(UInt32.self) { Float(bitPattern: UInt32(littleEndian: $0)) }
        case .float64: each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .float16: each(UInt16.self) { ForeignTensor.half(UInt16(littleEndian: $0)) }
        case .bfloat16: each(UInt16.self) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .int64: each(Int64.self) { Float(Int64(littleEndian: $0)) }
        case .int32: each(Int32.self) { Float(Int32(littleEndian: $0)) }
        case .int16: each(Int16.self) { Float(Int16(littleEndian: $0)) }
        case .int8: each(Int8.self) { Float($0) }
        case .uint8, .bool: each(UInt8.self) { Float($0) }
        }
    }
}
