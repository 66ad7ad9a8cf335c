import Graphs

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tensors of a safetensors file of another program.
struct SafeTensorsSource: TensorSource {
    let names: [String]
    private let file: SafeTensors
    private let bytes: Data
    /// Names in the file by our names for them, where these differ.
    private let entries: [String: SafeTensors.Entry]

    /// - Parameter bytes: start at index 0.
    init(_ bytes: Data, path: String) throws(ImportFault) {
        do throws(ModelFileError) { file = try SafeTensors(parsing: bytes.bytes, path: path) } catch {
            throw ImportFault(error.message)
        }
        if let format = file.metadata["format"], format.hasPrefix("tarsier-") {
            throw ImportFault("is a file of ours already (\(format.prefix(40).printable)); use it as it is")
        }
        self.bytes = bytes
        var entries: [String: SafeTensors.Entry] = [:]
        for entry in file.entries.values {
            var name = Substring(entry.name)
            while let prefix = TorchArchive.prefixes.first(where: { name.hasPrefix($0) }) {
                name = name.dropFirst(prefix.count)
            }
            guard entries.updateValue(entry, forKey: String(name)) == nil else {
                throw ImportFault("has two tensors '\(name.prefix(80).printable)'")
            }
        }
        self.entries = entries
        names = entries.sorted { ($0.value.range.lowerBound, $0.key) < ($1.value.range.lowerBound, $1.key) }.map(\.key)
    }

    var byteCount: Int { bytes.count }

    func shape(of name: String) -> [Int]? { entries[name]?.shape }

    func floats(of name: String) throws(ImportFault) -> [Float] {
        guard let entry = entries[name] else { throw ImportFault("tensor \(name.prefix(80)): is missing") }
        guard let element = TorchElement(entry.type) else {
            throw ImportFault(
                "tensor \(name.prefix(80).printable): elements of type \(entry.type.rawValue) are not supported; save in float32"
            )
        }
        return unsafe bytes.withUnsafeBytes { all in
            let part = unsafe UnsafeRawBufferPointer(rebasing: all[entry.range])
            return unsafe ElementDecoding.floats(part, element, count: part.count / element.bytes)
        }
    }
}

extension TorchElement {
    fileprivate init?(_ type: SafeTensors.ElementType) {
        switch type {
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .float32: self = .float32
        case .float64: self = .float64
        case .int8: self = .int8
        case .uint8: self = .uint8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .bool: self = .bool
        case .uint16, .uint32, .uint64: return nil
        }
    }
}
