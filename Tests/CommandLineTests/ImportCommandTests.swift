import Foundation
import ImportHarness
import Testing

/// `tarsier import` as people run it: what it makes, and one clear line with the right exit code for whatever is wrong.
@Suite struct ImportCommandTests {
    private let scratch: ScratchFolder
    private var output: String { scratch.path + "/out.safetensors" }

    init() throws { scratch = try ScratchFolder() }

    private func refused(
        _ arguments: [String], status: Int32 = 65, saying text: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try Running(["import", "--output", output] + arguments).wait()
        #expect(outcome.status == status, "\(outcome.complaints)", sourceLocation: location)
        #expect(outcome.lines.count == 1, "one line: \(outcome.complaints)", sourceLocation: location)
        #expect(outcome.complaints.contains(text), "\(outcome.complaints)", sourceLocation: location)
        #expect(!FileManager.default.fileExists(atPath: output), "nothing is written", sourceLocation: location)
    }

    private static func fixture(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(Program.root)/Tests/ImportTests/Fixtures/\(name)")))
    }

    /// Tensors of the default float model, under the names that training gives them, which are ours.
    private static func tensors(of path: String = Program.weights) throws -> [StateDictionary.Tensor] {
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try Program.object(String(decoding: file[8..<8 + length], as: UTF8.self))
        return try header.keys.filter { $0 != "__metadata__" }.sorted().map { name in
            let entry = try #require(header[name] as? [String: Any])
            let shape = try #require(entry["shape"] as? [Int])
            let range = try #require(entry["data_offsets"] as? [Int])
            let part = file[8 + length + range[0]..<8 + length + range[1]]
            let values = [Float](unsafeUninitializedCapacity: part.count / 4) { floats, count in
                count = part.copyBytes(to: floats) / 4
            }
            return .init(name, shape, values)
        }
    }

    @Test func `Weights that training saved with torch become a model that says the same`() throws {
        var state = StateDictionary(try Self.tensors())
        state.wrappers = ["state_dict"]
        state.tensors.append(.init("extra", [1], [0]))
        let file = try scratch.file("best.pt", state.bytes)
        let outcome = try Program.run("import", file, "--network", "sm_v2", "--output", output, "--json")
        try #require(outcome.status == 0, "\(outcome.complaints)")
        let said = try Program.object(outcome.output)
        #expect(said["matched"] as? Int == state.tensors.count - 1 && said["unexpected"] as? Int == 1)
        #expect(said["precision"] as? String == "float32" && said["network"] as? String == "sm_v2")
        let rows = try #require(said["tensors"] as? [[String: Any]])
        #expect(rows.contains { $0["name"] as? String == "extra" && $0["fate"] as? String == "unexpected" })
        // Normalised as ours already, so that nothing was folded into anything.
        let (before, after) = (try Self.tensors(), try Self.tensors(of: output))
        #expect(after.map(\.name) == before.map(\.name) && after.map(\.shape) == before.map(\.shape))
        for (a, b) in zip(before, after) where a.name.hasPrefix("stem") || a.name.hasPrefix("classifier") {
            #expect(zip(a.values, b.values).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($0)) }, "\(a.name)")
        }
    }

    @Test func `A network without all of its tensors is refused with the table on stdout`() throws {
        var tensors = try Self.tensors()
        tensors.removeAll { ["blocks.0.project.conv.weight", "classifier.bias"].contains($0.name) }
        let file = try scratch.file("part.pt", StateDictionary(tensors).bytes)
        for json in [false, true] {
            let outcome = try Running(
                ["import", file, "--network", "sm_v2", "--output", output] + (json ? ["--json"] : [])
            ).wait()
            #expect(outcome.status == 65 && outcome.lines.count == 1)
            #expect(outcome.complaints.contains("lacks") && outcome.complaints.contains("is the network's name right?"))
            if json {
                #expect(try Program.object(outcome.output)["missing"] as? Int ?? 0 > 0)
            } else {
                #expect(outcome.output.contains("missing    ") && outcome.output.contains("classifier.bias"))
            }
        }
    }

    @Test func `A quantized file becomes an int8 model that classifies`() throws {
        let file = try scratch.file("mobile.onnx", try Self.fixture("mobile-qdq-u8.onnx"))
        let outcome = try Program.run("import", file, "--output", output)
        try #require(outcome.status == 0, "\(outcome.complaints)")
        #expect(outcome.output.contains("mobile: int8, "))
        let photo = try scratch.file("grey.jpg", try Fixtures.grey())
        let said = try Program.run("classify", "--model", output, "--json", photo)
        #expect(said.status == 0 && said.output.contains("class "), "\(said.complaints)")
    }

    @Test func `What the command line lacks is a usage error`() throws {
        let file = try scratch.file("a.pt", StateDictionary([.init("a", [1], [1])]).bytes)
        try refused([file], status: 64, saying: "name it with --network: sm_v2")
        try refused([file, "--network", "lenet"], status: 64, saying: "--network lenet is unknown; known are sm_v2")
        let onnx = try scratch.file("a.onnx", try Self.fixture("probe.onnx"))
        try refused([onnx, "--network", "sm_v2"], status: 64, saying: "leave --network sm_v2 out")
        try refused([scratch.path + "/none.pt", "--network", "sm_v2"], status: 66, saying: "no such file")
        try refused([scratch.path], status: 66, saying: "is a folder")
    }

    @Test func `Files that are broken or dangerous are refused by what is wrong with them`() throws {
        var state = StateDictionary([.init("a", [1], [1])])
        func file(_ bytes: [UInt8]) throws -> [String] { [try scratch.file("x", bytes), "--network", "sm_v2"] }
        try refused(try file(state.bytes), saying: "lacks ")
        try refused(try file(Array(state.bytes.dropLast(30))), saying: "cut short")
        state.global = ("posix", "system")
        try refused(try file(state.bytes), saying: "refers to posix.system, which is not run here")
        try refused(try file([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46]), saying: "before version 1.6")
        try refused(try file(StoredZip([("a.txt", [1])]).bytes), saying: "without data.pkl")
        let lying = #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#
        try refused(
            try file([UInt8(lying.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(lying.utf8) + [0, 0]), saying: "cut short")
        let own = try Running(["import", Program.weights, "--network", "sm_v2", "--output", output]).wait()
        #expect(own.status == 65 && own.complaints.contains("is a file of ours already"))
    }

    @Test func `ONNX files that cannot be are refused by the node or the tensor`() throws {
        func file(_ bytes: [UInt8]) throws -> [String] { [try scratch.file("x.onnx", bytes)] }
        try refused(try file(Array("a text".utf8)), saying: "is not an ONNX file")
        let probe = try Self.fixture("probe.onnx")
        try refused(try file(Array(probe.prefix(900))), saying: "x.onnx: ")
        let text = String(decoding: probe, as: Unicode.ASCII.self)
        #expect(text.contains("Conv"))
        var odd = probe
        let place = try #require(Data(probe).range(of: Data("\u{22}\u{4}Conv".utf8))?.lowerBound)
        odd[place + 5] = UInt8(ascii: "w")
        try refused(try file(odd), saying: "(Conw): this operator is not supported")
        // A tensor whose data lies in another file (TensorProto field 14), in a graph (7) of a model with operator set 17.
        let tensor: [UInt8] = [8, 4, 16, 1, 66, 1, 0x77, 112, 1]
        let graph: [UInt8] =
            [42, UInt8(tensor.count)] + tensor + [90, 27, 10, 1, 0x78, 18, 22, 10, 20, 8, 1, 18, 16]
            + [10, 2, 8, 1, 10, 2, 8, 3, 10, 2, 8, 8, 10, 2, 8, 8]
        let model: [UInt8] = [8, 8, 66, 2, 16, 17, 58, UInt8(graph.count)] + graph
        try refused(try file(model), saying: "tensor w: its data lies in another file")
    }

    @Test func `Labels, side files and outputs that cannot be are named`() throws {
        let onnx = try scratch.file("a.onnx", try Self.fixture("probe.onnx"))
        let labels = try scratch.file("labels.txt", Array("a\nb\n".utf8))
        try refused([onnx, "--labels", labels], saying: "has 3 outputs; 2 different labels were given")
        let side = try scratch.file("side.json", Array(#"{"crop_pct": 7}"#.utf8))
        try refused([onnx, "--preprocessing", side], saying: "crop_pct 7.0 is outside (0, 1]")
        try refused([onnx, "--preprocessing", scratch.path + "/none.json"], status: 66, saying: "cannot be read")
        let nowhere = try Running(["import", onnx, "--output", scratch.path + "/none/out"]).wait()
        #expect(nowhere.status == 74 && nowhere.lines.count == 1, "\(nowhere.complaints)")
    }
}
