import ArgumentParser
import Daemon
import Engine
import Graphs
import Kernels
import LinuxIO
import Planning
import Tensors

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "What is there: a model, this CPU, a plan, cameras.",
        discussion: "Example: tarsier inspect plan",
        subcommands: [InspectModel.self, InspectCPU.self, InspectPlan.self, InspectCamera.self])
}

struct InspectModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What a model file holds and where it comes from.",
        discussion: "Example: tarsier inspect model models/sm_v2.int8.safetensors --json")

    @Argument(help: "Model file; the default model when left out.")
    var file: String?

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let loaded = try LoadedModel(file)
        let (graph, model) = (loaded.model.graph, loaded.model)
        if json {
            try Terminal.json(Description(loaded))
            return
        }
        Terminal.line(loaded.path)
        Terminal.line("sha256        \(loaded.sha256)")
        Terminal.line(
            "network       \(graph.network), input \(graph.input), \((Double(graph.macs) / 1e6).text(1)) M MACs")
        Terminal.line("labels        \(model.labels.count): \(model.labels.joined(separator: ", "))")
        Terminal.line(
            "confidence    temperature \(Double(model.temperature).text(3)), unknown below "
                + Double(model.unknownThreshold).text(3))
        Terminal.line("quantized     \(model.provenance.method), \(model.provenance.calibrationImages) photos")
        Terminal.line("calibration   \(model.provenance.calibrationDigest)")
        Terminal.line("float weights \(model.provenance.sourceSHA256)")
        Terminal.line("source        \(model.provenance.source)")
        Terminal.line("")
        Terminal.line("node                        output           scale  zero point")
        for node in graph.nodes {
            Terminal.line(
                node.name.padded(28) + node.shape.description.padded(12)
                    + Double(node.params.scale).text(6).padded(10, right: true)
                    + "\(node.params.zeroPoint)".padded(12, right: true))
        }
    }

    private struct Description: Encodable {
        let path: String
        let sha256: String
        let network: String
        let input: [Int]
        let macs: Int
        let labels: [String]
        let temperature: Float
        let unknownThreshold: Float
        let method: String
        let calibrationImages: Int
        let calibrationDigest: String
        let sourceSha256: String
        let source: String

        init(_ loaded: LoadedModel) {
            let (graph, provenance) = (loaded.model.graph, loaded.model.provenance)
            path = loaded.path
            sha256 = loaded.sha256
            network = graph.network
            input = [graph.input.height, graph.input.width, graph.input.channels]
            macs = graph.macs
            labels = loaded.model.labels
            temperature = loaded.model.temperature
            unknownThreshold = loaded.model.unknownThreshold
            method = provenance.method
            calibrationImages = provenance.calibrationImages
            calibrationDigest = provenance.calibrationDigest
            sourceSha256 = provenance.sourceSHA256
            source = provenance.source
        }
    }
}

struct InspectCPU: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cpu", abstract: "What this CPU offers and which kernels that chooses.",
        discussion: "Example: tarsier inspect cpu")

    @OptionGroup var kernels: KernelOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let features = try kernels.features()
        let best = KernelOperation.allCases.map { ($0, Kernel.best($0, for: features)) }
        if json {
            let chosen = Dictionary(uniqueKeysWithValues: best.map { ($0.rawValue, $1.name) })
            let names = CPUFeatures.names.filter { features.contains($0.feature) }.map(\.name)
            try Terminal.json(Description(features: names, cpus: AllowedCPUs.list(), kernels: chosen))
            return
        }
        Terminal.line(
            "features  \(features.description)\nCPUs      \(AllowedCPUs.list().map(String.init).joined(separator: ", "))"
        )
        for (operation, kernel) in best { Terminal.line(operation.rawValue.padded(18) + kernel.name) }
    }

    private struct Description: Encodable {
        let features: [String]
        let cpus: [Int]
        let kernels: [String: String]
    }
}
