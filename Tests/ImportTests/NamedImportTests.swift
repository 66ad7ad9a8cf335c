import Foundation
import Graphs
import ImportHarness
import Quantization
import Tensors
import Testing

@testable import Import

/// Files of named tensors: what torch and safetensors wrote (`make-fixtures.py`), and what nobody should believe.
@Suite struct NamedImportTests {
    /// Weights of the probe under the names that `KnownNetwork.probe` looks for.
    static func state() throws -> StateDictionary {
        let graph = try KnownNetwork.probe.build(3, 8)
        var random = SplitMix64(seed: 3)
        return StateDictionary(
            try graph.parameterSpecs().map { spec in
                .init(
                    spec.name, spec.dimensions,
                    (0..<spec.count).map { _ in
                        Float.random(in: spec.name.hasSuffix("var") ? 0.5...1 : -1...1, using: &random)
                    })
            })
    }

    static func message(_ bytes: [UInt8], _ settings: ImportSettings = ImportSettings()) -> String {
        do {
            _ = try NamedImport.model(Data(bytes), path: "x.pt", network: .probe, settings: settings)
            return "no error"
        } catch {
            return error.description
        }
    }

    @Test(arguments: [
        "probe.pt", "probe-wrapped.pt", "probe-views.pt", "probe.safetensors", "probe-bfloat16.safetensors",
    ])
    func `Files of torch and safetensors yield torch's logits`(_ name: String) throws {
        let bytes = try ImportTests.bytes(name)
        let (model, tensors) = try NamedImport.model(bytes, path: name, network: .probe)
        #expect(tensors.count(.matched) == 12 && tensors.count(.missing) == 0 && tensors.count(.unexpected) == 0)
        let wanted = try ImportTests.bytes("probe.logits").chunks
        let got = try FloatInterpreter(model.graph, std: model.preprocessing.std).run(
            pixels: try ImportTests.corner(8))
        let difference = try ImportTests.difference(got, wanted)
        #expect(difference < (name.contains("bfloat16") ? 0.05 : 1e-5), "\(difference)")
    }

    @Test func `What is missing is refused and listed, what is unexpected is told`() throws {
        var state = try Self.state()
        state.tensors.append(.init("extra.weight", [2], [1, 2]))
        state.tensors.append(.init("stem.bn.num_batches_tracked", [], [7]))
        let (_, tensors) = try NamedImport.model(Data(state.bytes), path: "x.pt", network: .probe)
        #expect(tensors.rows.filter { $0.fate == .unexpected }.map(\.name) == ["extra.weight"])
        state.tensors.removeFirst(2)
        do {
            _ = try NamedImport.model(Data(state.bytes), path: "x.pt", network: .probe)
            Issue.record("tensors are missing")
        } catch {
            #expect(error.message.contains("lacks 2 of 12 tensors of probe, the first is stem.conv.weight"))
            #expect(error.tensors.count(.missing) == 2 && error.tensors.count(.matched) == 10)
        }
    }

    @Test func `A name that is not a tensor's is refused by its name, and never run`() throws {
        var state = try Self.state()
        state.global = ("os", "system")
        #expect(Self.message(state.bytes).contains("refers to os.system, which is not run here"))
        let module = Array(try ImportTests.bytes("probe-module.pt"))
        #expect(
            Self.message(module).contains("refers to __main__.Probe") || Self.message(module).contains("Probe, which"))
        state.global = ("builtins", "eval\u{7}\u{1b}")
        #expect(Self.message(state.bytes).contains("builtins.eval??"))
    }

    @Test func `Shapes, strides, offsets and counts that lie are refused`() throws {
        func with(_ change: (inout StateDictionary.Tensor) -> Void) throws -> String {
            var state = try Self.state()
            change(&state.tensors[0])
            return Self.message(state.bytes)
        }
        #expect(
            try with { $0.announced = 1 << 40 }.contains("announces 1099511627776 elements where the archive holds 108")
        )
        #expect(try with { $0.offset = 1 }.contains("lead outside its storage of 108"))
        #expect(try with { $0.offset = .max }.contains("lead outside its storage"))
        #expect(try with { $0.strides = [27, 9, 3, .max] }.contains("lead outside its storage"))
        #expect(try with { $0.strides = [27, 9, 3] }.contains("a tensor of 4 axes"))
        #expect(try with { $0.shape = [4, 3, 3, 4] }.contains("has shape [4, 3, 3, 4] where [4, 3, 3, 3] is needed"))
        #expect(try with { $0.shape = [-4, 3, 3, 3] }.contains("is damaged"))
        #expect(try with { $0.values[5] = .nan }.contains("not finite"))
        #expect(try with { $0.type = "QUInt8Storage" }.contains("refers to torch.QUInt8Storage"))
        // One element in the place of a hundred: a small file must not ask for much memory.
        #expect(
            try with { ($0.values, $0.strides) = ([1], [0, 0, 0, 0]) }.contains("more elements than its storage of 1"))
    }

    @Test func `A pickle that nests without end is read without recursion`() throws {
        var pickle: [UInt8] = [0x80, 2] + Array(")".utf8)
        for _ in 0..<1_000_000 { pickle.append(0x85) }
        pickle += Array(".".utf8)
        let bytes = StoredZip([("a/data.pkl", pickle)]).bytes
        #expect(Self.message(bytes).contains("holds no dictionary of tensors"))
        // A dictionary that holds itself.
        let cycle: [UInt8] = [0x80, 2] + Array("}q\u{0}X\u{5}\u{0}\u{0}\u{0}modelh\u{0}s.".utf8)
        #expect(Self.message(StoredZip([("a/data.pkl", cycle)]).bytes).contains("holds no tensors"))
    }

    @Test func `Archives that are something else are named`() throws {
        #expect(Self.message(StoredZip([("word/document.xml", [1])]).bytes).contains("without data.pkl"))
        let script = StoredZip([("a/data.pkl", [0x80, 2]), ("a/constants.pkl", [])])
        #expect(Self.message(script.bytes).contains("TorchScript"))
        var packed = StoredZip([("a/data.pkl", [0x80, 2])])
        packed.method = 8
        #expect(Self.message(packed.bytes).contains("member 'a/data.pkl' is compressed"))
        let big = StoredZip([("a/data.pkl", [0x80, 2]), ("a/byteorder", Array("big".utf8))])
        #expect(Self.message(big.bytes).contains("big-endian"))
        let code = StoredZip([("a/data.pkl", [0x80, 2, 0x28, 0x69])])
        #expect(Self.message(code.bytes).contains("instruction 0x69"))
        #expect(throws: ImportError.self) { try Importer.Kind(Data([0x80, 2, 0x8a, 10]), path: "old.pt") }
    }

    @Test(arguments: ["probe.pt", "probe-wrapped.pt", "probe.safetensors", "probe.onnx"])
    func `Every cut of a file is refused`(_ name: String) throws {
        let bytes = try ImportTests.bytes(name)
        for length in stride(from: 1, to: bytes.count, by: 13) {
            let cut = Data(bytes.prefix(length))
            #expect(throws: ImportError.self) {
                switch try Importer.Kind(cut, path: name) {
                case .onnx: _ = try ONNXImport.model(cut, path: name)
                case .named: _ = try NamedImport.model(cut, path: name, network: .probe)
                }
            }
        }
    }

    @Test(arguments: ["probe.pt", "probe-wrapped.pt", "probe.safetensors", "probe.onnx", "probe-qdq.onnx"])
    func `Damage of every kind is refused or harmless`(_ name: String) throws {
        let bytes = Array(try ImportTests.bytes(name))
        var damage = FileDamage(seed: 17)
        var refused = 0
        for _ in 0..<300 {
            let broken = Data(damage.damage(bytes, others: [bytes]))
            do {
                switch try Importer.Kind(broken, path: name) {
                case .onnx: _ = try ONNXImport.read(broken, path: name)
                case .named: _ = try NamedImport.model(broken, path: name, network: .probe)
                }
            } catch {
                #expect(!error.description.contains("\n"))
                refused += 1
            }
        }
        #expect(refused > 150)
    }

    @Test(arguments: NetworkCatalog.everyName)
    func `Every network's tensors have a name of their own in every library`(_ name: String) throws {
        let network = try #require(KnownNetwork.named(name))
        let graph = try network.build(10, network.extent)
        let nodes = Set(
            try graph.parameterSpecs().map { String($0.name[..<($0.name.lastIndex(of: ".") ?? $0.name.endIndex)]) })
        for naming in network.namings {
            let modules = naming.modules(graph).filter { nodes.contains($0.key) }
            #expect(modules.count == nodes.count, "\(naming.library): \(nodes.subtracting(modules.keys))")
            #expect(Set(modules.values).count == nodes.count, "\(naming.library)")
        }
    }

    @Test func `A side file says how pictures were prepared`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tarsier-side-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func settings(_ json: String) throws -> ImportSettings {
            let path = folder.appending(path: "side.json")
            try Data(json.utf8).write(to: path)
            var settings = ImportSettings()
            try settings.read(path.path)
            return settings
        }
        let timm = try settings(
            """
            {"label_names": ["a", "b", "c"], "pretrained_cfg": {"input_size": [3, 16, 16], "mean": [0.5, 0.5, 0.5],
            "std": [0.25, 0.25, 0.25], "crop_pct": 0.875, "crop_mode": "squash", "interpolation": "bicubic"}}
            """)
        #expect(timm.mean == [0.5, 0.5, 0.5] && timm.std == [0.25, 0.25, 0.25] && timm.extent == 16)
        #expect(timm.cropFraction == 0.875 && timm.fit == .stretch && timm.labels == ["a", "b", "c"])
        #expect(timm.notes == ["resizes with an antialiased triangle filter where bicubic is asked for"])
        let hub = try settings(
            """
            {"do_normalize": true, "image_mean": [0.1, 0.2, 0.3], "image_std": [0.4, 0.5, 0.6], "rescale_factor": 0.00392156862745098,
            "size": {"shortest_edge": 10}, "crop_size": {"height": 8, "width": 8}, "do_flip_channel_order": true, "resample": 2}
            """)
        #expect(
            hub.cropFraction == 0.8 && hub.extent == 8 && hub.readsBlueFirst && hub.notes.isEmpty && hub.fit == .crop)
        #expect(throws: ImportError.self) { try settings(#"{"rescale_factor": 1}"#) }
        #expect(throws: ImportError.self) { try settings(#"{"crop_pct": 2}"#) }
        #expect(throws: ImportError.self) { try settings(#"{"mean": [1, 2]}"#) }
        #expect(throws: ImportError.self) { try settings("[]") }
        let bytes = Data(try Self.state().bytes)
        let (model, _) = try NamedImport.model(bytes, path: "x.pt", network: .probe, settings: timm)
        #expect(
            model.labels == ["a", "b", "c"] && model.preprocessing.width == 16 && model.preprocessing.fit == .stretch)
        #expect(model.preprocessing.cropFraction == 0.875)
    }

    @Test func `A network that reads blue first says of a picture what it says of the same with red and blue changed`()
        throws
    {
        let bytes = Data(try Self.state().bytes)
        let normalization = Normalization(mean: [0.3, 0.4, 0.5], std: [0.2, 0.3, 0.4])
        var settings = ImportSettings(normalization: normalization)
        let (red, _) = try NamedImport.model(bytes, path: "x.pt", network: .probe, settings: settings)
        settings.readsBlueFirst = true
        let (blue, _) = try NamedImport.model(bytes, path: "x.pt", network: .probe, settings: settings)
        let picture: [UInt8] = (0..<192).map { (i: Int) in UInt8(i * 37 % 256) }
        let swapped: [UInt8] = (0..<192).map { (i: Int) in picture[i / 3 * 3 + 2 - i % 3] }
        let wanted = try FloatInterpreter(red.graph, std: red.preprocessing.std).run(pixels: picture)
        let got = try FloatInterpreter(blue.graph, std: blue.preprocessing.std).run(pixels: swapped)
        #expect(try ImportTests.difference(got, wanted) < 1e-4)
    }
}
