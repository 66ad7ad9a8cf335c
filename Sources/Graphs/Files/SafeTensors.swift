/// The table of contents of a safetensors file: what it holds and where.
///
///     8 bytes    N, length of the header, little-endian
///     N bytes    JSON: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets"}, ...}, padded by spaces
///     the rest   tensor data, without gaps
///
/// Nothing in the file is trusted: every length, offset and product is checked before it is used. Format:
/// https://github.com/huggingface/safetensors#format
package struct SafeTensors: Sendable {
    /// Longest header that is accepted, in bytes. A thousand-layer network needs a tenth of it.
    package static let headerLimit = 4 << 20
    /// Most tensors that are accepted.
    package static let tensorLimit = 10_000

    package enum ElementType: String, Sendable {
        case bool = "BOOL"
        case uint8 = "U8"
        case int8 = "I8"
        case int16 = "I16"
        case uint16 = "U16"
        case float16 = "F16"
        case bfloat16 = "BF16"
        case int32 = "I32"
        case uint32 = "U32"
        case float32 = "F32"
        case float64 = "F64"
        case int64 = "I64"
        case uint64 = "U64"

        package var bytes: Int {
            switch self {
            case .bool, .uint8, .int8: 1
            case .int16, .uint16, .float16, .bfloat16: 2
            case .int32, .uint32, .float32: 4
            case .float64, .int64, .uint64: 8
            }
        }
    }

    package struct Entry: Sendable {
        package let name: String
        package let type: ElementType
        /// Extents, outermost first; each at least 0.
        package let shape: [Int]
        /// Bytes of the whole file.
        package let range: Range<Int>
    }

    /// For messages.
    let path: String
    package let metadata: [String: String]
    /// By name.
    package let entries: [String: Entry]

    /// Where the data of a file begins, in bytes.
    /// - Parameters:
    ///   - head: its first 8 bytes or more.
    ///   - size: bytes of the whole file.
    /// - Throws: `badData` for a file that cannot be one by these.
    static func dataStart(_ head: RawSpan, size: Int, path: String) throws(ModelFileError) -> Int {
        guard head.byteCount >= 8 else {
            throw .badData(path, "is \(size) bytes long: not a safetensors file, or cut short")
        }
        let length = LittleEndian.uint64(head, at: 0)
        guard length >= 2 && length <= UInt64(headerLimit) else {
            throw .badData(path, "is not a safetensors file: it announces a header of \(length) bytes")
        }
        let start = 8 + Int(length)
        guard start <= size else { throw .badData(path, "is cut short within its header; copy it again") }
        return start
    }

    /// Reads the header of a file that is in memory.
    /// - Parameter path: named in errors.
    /// - Throws: `badData` that says what is wrong.
    package init(parsing file: RawSpan, path: String) throws(ModelFileError) {
        self.path = path
        let start = try SafeTensors.dataStart(file, size: file.byteCount, path: path)
        let header: JSON
        do { header = try JSONParser.parse(LittleEndian.bytes(file, in: 8..<start)) } catch {
            throw .badData(path, "is not a safetensors file: header byte \(error.offset): \(error.message)")
        }
        guard case .object(let members) = header else {
            throw .badData(path, "is not a safetensors file: its header is not an object")
        }
        guard members.count <= SafeTensors.tensorLimit + 1 else {
            throw .badData(path, "holds more than \(SafeTensors.tensorLimit) tensors")
        }
        var metadata: [String: String] = [:]
        var entries: [String: Entry] = [:]
        for member in members {
            if member.name == "__metadata__" {
                metadata = try SafeTensors.metadata(member.value, path: path)
            } else {
                entries[member.name] = try SafeTensors.entry(
                    member, start: start, end: file.byteCount, path: path)
            }
        }
        try SafeTensors.checkLayout(of: Array(entries.values), from: start, to: file.byteCount, path: path)
        self.metadata = metadata
        self.entries = entries
    }

    private static func metadata(_ value: JSON, path: String) throws(ModelFileError) -> [String: String] {
        guard case .object(let members) = value else { throw .badData(path, "__metadata__ is not an object") }
        var metadata: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw .badData(path, "__metadata__ \(member.name.prefix(80)) is not a string")
            }
            metadata[member.name] = text
        }
        return metadata
    }

    private static func entry(
        _ member: JSON.Member, start: Int, end: Int, path: String
    ) throws(ModelFileError) -> Entry {
        let name = String(member.name.prefix(80))
        func bad(_ message: String) -> ModelFileError { .badData(path, "tensor \(name): \(message)") }
        let reader = try JSONObject(member.value, what: "tensor \(name)", path: path)
        let typeName = try reader.string("dtype")
        guard let type = ElementType(rawValue: typeName) else { throw bad("dtype \(typeName.prefix(16)) is unknown") }
        let shape = try reader.integers("shape")
        let offsets = try reader.integers("data_offsets")
        try reader.refuseOtherMembers()
        guard shape.count <= 8 && shape.allSatisfy({ $0 >= 0 }) else {
            throw bad("shape \(shape.prefix(9)) is not a shape")
        }
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
            throw bad("data_offsets \(offsets.prefix(3)) are not a range")
        }
        guard offsets[1] <= end - start else {
            throw bad("its data ends at byte \(offsets[1]) of \(end - start): the file is cut short; copy it again")
        }
        var bytes = type.bytes
        for extent in shape {
            let (product, overflows) = bytes.multipliedReportingOverflow(by: extent)
            guard !overflows else { throw bad("shape \(shape) overflows") }
            bytes = product
        }
        guard bytes == offsets[1] - offsets[0] else {
            throw bad(
                "shape \(shape) of \(type.rawValue) needs \(bytes) bytes, data_offsets give \(offsets[1] - offsets[0])")
        }
        return Entry(
            name: member.name, type: type, shape: shape, range: start + offsets[0]..<start + offsets[1])
    }

    /// The data must be covered exactly: no overlap, no gap, nothing after the last tensor.
    private static func checkLayout(
        of entries: [Entry], from start: Int, to end: Int, path: String
    ) throws(ModelFileError) {
        var position = start
        let ordered = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound, $0.name) < ($1.range.lowerBound, $1.range.upperBound, $1.name)
        }
        for entry in ordered {
            guard entry.range.lowerBound == position else {
                let fault = entry.range.lowerBound < position ? "overlaps another tensor" : "leaves a gap before it"
                throw .badData(path, "tensor \(entry.name.prefix(80)): its data \(fault)")
            }
            position = entry.range.upperBound
        }
        guard position == end else { throw .badData(path, "has \(end - position) bytes after its last tensor") }
    }
}
