extension SafeTensors {
    /// The entry of that name with exactly that type and shape.
    private func entry(_ name: String, _ type: ElementType, _ shape: [Int]) throws(ModelFileError) -> Entry {
        guard let entry = entries[name] else { throw .badData(path, "tensor \(name): is missing") }
        guard entry.type == type else {
            throw .badData(path, "tensor \(name): is \(entry.type.rawValue) where \(type.rawValue) is needed")
        }
        guard entry.shape == shape else {
            throw .badData(path, "tensor \(name): has shape \(entry.shape) where \(shape) is needed")
        }
        return entry
    }

    /// - Parameter file: the bytes this header was read from.
    package func floats(_ name: String, shape: [Int], of file: RawSpan) throws(ModelFileError) -> [Float] {
        let values = LittleEndian.floats(file, in: try entry(name, .float32, shape).range)
        guard values.allSatisfy(\.isFinite) else {
            throw .badData(path, "tensor \(name): holds a value that is not finite")
        }
        return values
    }

    /// - Parameter file: the bytes this header was read from.
    package func int8s(_ name: String, shape: [Int], of file: RawSpan) throws(ModelFileError) -> [Int8] {
        LittleEndian.int8s(file, in: try entry(name, .int8, shape).range)
    }

    /// - Parameter file: the bytes this header was read from.
    package func int32s(_ name: String, shape: [Int], of file: RawSpan) throws(ModelFileError) -> [Int32] {
        LittleEndian.int32s(file, in: try entry(name, .int32, shape).range)
    }

    /// Metadata that must be there.
    func text(_ key: String) throws(ModelFileError) -> String {
        guard let text = metadata[key] else { throw .badData(path, "__metadata__ \(key): is missing") }
        return text
    }

    /// Metadata that is JSON text within its string.
    func json(_ key: String) throws(ModelFileError) -> JSON {
        let text = try text(key)
        do { return try JSONParser.parse(Array(text.utf8)) } catch {
            throw .badData(path, "__metadata__ \(key): byte \(error.offset): \(error.message)")
        }
    }
}
