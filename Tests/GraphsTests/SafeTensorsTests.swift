import Testing

@testable import Graphs

/// Files that lie about themselves. Each yields one error that says what is wrong; none may crash or allocate much.
struct SafeTensorsTests {
    private func parse(_ bytes: [UInt8]) throws(ModelFileError) -> SafeTensors {
        try unsafe SafeTensors(parsing: bytes.span.bytes, path: "f")
    }

    private func entry(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test("A plain file is read: names, types, shapes, places, metadata")
    func plain() throws {
        let header =
            "{\"__metadata__\":{\"k\":\"v\"}," + entry("a", "F32", "[2]", "[0,8]") + ","
            + entry("b", "I8", "[3,1]", "[8,11]")
            + ",\(entry("empty", "I8", "[0]", "[11,11]"))}  "
        let file = safetensors(header, data: 11)
        let tensors = try parse(file)
        #expect(tensors.metadata == ["k": "v"])
        #expect(tensors.entries["b"]?.shape == [3, 1])
        #expect(tensors.entries["b"]?.range == 8 + header.utf8.count + 8..<8 + header.utf8.count + 11)
        #expect(try unsafe tensors.floats("a", shape: [2], of: file.span.bytes) == [0, 0])
    }

    @Test("A lying file is refused with the cause")
    func lies() {
        let cases: [(String, [UInt8], String)] = [
            ("empty", [], "is 0 bytes long"),
            ("seven bytes", [UInt8](repeating: 1, count: 7), "is 7 bytes long"),
            ("text", Array("hello, I am a text file".utf8), "announces a header of"),
            ("huge header", safetensors("{}", announced: .max), "announces a header of 18446744073709551615"),
            ("header above the limit", safetensors("{}", announced: 5 << 20), "announces a header of 5242880"),
            ("header beyond the end", safetensors("{}", announced: 100), "cut short within its header"),
            ("empty header", safetensors("", data: 10), "announces a header of 0"),
            ("not JSON", safetensors("{nonsense}"), "header byte 1"),
            ("a list", safetensors("[1]"), "its header is not an object"),
            ("metadata of numbers", safetensors("{\"__metadata__\":{\"a\":1}}"), "__metadata__ a is not a string"),
            ("metadata that is text", safetensors("{\"__metadata__\":\"a\"}"), "__metadata__ is not an object"),
            ("trailing bytes", safetensors("{}", data: 3), "has 3 bytes after its last tensor"),
            ("entry is a number", safetensors("{\"a\":1}"), "tensor a: is not an object"),
            ("no dtype", safetensors("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", data: 1), "dtype: is missing"),
            ("unknown dtype", safetensors("{\(entry("a", "F7", "[1]", "[0,1]"))}", data: 1), "dtype F7 is unknown"),
            ("negative extent", safetensors("{\(entry("a", "I8", "[-1]", "[0,1]"))}", data: 1), "is not a shape"),
            (
                "nine axes", safetensors("{\(entry("a", "I8", "[1,1,1,1,1,1,1,1,1]", "[0,1]"))}", data: 1),
                "is not a shape"
            ),
            (
                "fractional extent", safetensors("{\(entry("a", "I8", "[1.5]", "[0,1]"))}", data: 1),
                "not a whole number"
            ),
            (
                "overflowing extent", safetensors("{\(entry("a", "I8", "[99999999999999999999]", "[0,1]"))}"),
                "whole number"
            ),
            (
                "overflowing product",
                safetensors("{\(entry("a", "F32", "[4294967296,4294967296,4]", "[0,4]"))}", data: 4), "overflows"
            ),
            ("wrong size", safetensors("{\(entry("a", "F32", "[2]", "[0,4]"))}", data: 4), "needs 8 bytes"),
            ("backward range", safetensors("{\(entry("a", "I8", "[1]", "[1,0]"))}", data: 1), "are not a range"),
            ("negative offset", safetensors("{\(entry("a", "I8", "[1]", "[-1,0]"))}", data: 1), "are not a range"),
            ("one offset", safetensors("{\(entry("a", "I8", "[1]", "[1]"))}", data: 1), "are not a range"),
            ("beyond the end", safetensors("{\(entry("a", "I8", "[9]", "[0,9]"))}", data: 4), "the file is cut short"),
            (
                "overlap",
                safetensors("{\(entry("a", "I8", "[2]", "[0,2]")),\(entry("b", "I8", "[2]", "[1,3]"))}", data: 3),
                "overlaps"
            ),
            ("gap", safetensors("{\(entry("a", "I8", "[1]", "[1,2]"))}", data: 2), "leaves a gap"),
            (
                "twice the same name",
                safetensors("{\(entry("a", "I8", "[1]", "[0,1]")),\(entry("a", "I8", "[1]", "[1,2]"))}", data: 2),
                "occurs twice"
            ),
            (
                "unknown member",
                safetensors("{\"a\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[0,0],\"x\":1}}"), "x: is unknown"
            ),
            ("deep nesting", safetensors(String(repeating: "[", count: 100_000)), "nested too deep"),
        ]
        for (name, bytes, expected) in cases {
            let error = failure { () throws(ModelFileError) in _ = try parse(bytes) }
            #expect(error?.code == .badData, "\(name)")
            #expect(error?.description.hasPrefix("f: ") == true, "\(name)")
            #expect(error?.message.contains(expected) == true, "\(name): got \(error?.message ?? "no error")")
        }
    }

    @Test("A tensor of another type, shape or content than needed is refused")
    func wrongTensors() throws {
        var file = safetensors("{\(entry("a", "F32", "[1]", "[0,4]"))}", data: 4)
        let tensors = try parse(file)
        func message(_ name: String, _ shape: [Int]) -> String? {
            failure { () throws(ModelFileError) in
                _ = try unsafe tensors.floats(name, shape: shape, of: file.span.bytes)
            }?.message
        }
        #expect(message("a", [1]) == nil)
        #expect(message("a", [1, 1]) == "tensor a: has shape [1] where [1, 1] is needed")
        #expect(message("b", [1]) == "tensor b: is missing")
        #expect(
            failure { () throws(ModelFileError) in _ = try unsafe tensors.int8s("a", shape: [1], of: file.span.bytes) }?
                .message
                == "tensor a: is F32 where I8 is needed")
        // The bits of infinity.
        file[file.count - 2] = 0x80
        file[file.count - 1] = 0x7f
        #expect(message("a", [1]) == "tensor a: holds a value that is not finite")
    }

    @Test("What the writer writes, the reader reads, aligned to the elements")
    func writer() throws {
        var writer = SafeTensorsWriter()
        writer.metadata = [("format", "x")]
        writer.add("bytes", [1, -2, 3] as [Int8], shape: [3])
        writer.add("floats", [1.5, -2.5], shape: [1, 2])
        writer.add("ints", [7, -8] as [Int32], shape: [2])
        let file = writer.bytes()
        let tensors = try parse(file)
        #expect(try unsafe tensors.int8s("bytes", shape: [3], of: file.span.bytes) == [1, -2, 3])
        #expect(try unsafe tensors.floats("floats", shape: [1, 2], of: file.span.bytes) == [1.5, -2.5])
        #expect(try unsafe tensors.int32s("ints", shape: [2], of: file.span.bytes) == [7, -8])
        for entry in tensors.entries.values { #expect(entry.range.lowerBound % entry.type.bytes == 0) }
        #expect(writer.bytes() == file)
    }
}
