import ArgumentParser
import Daemon
import Graphs
import Import
import Tensors

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes float weights of ours from an ONNX file, ready to be quantized.",
        discussion: """
            Normalisation is folded into the first layer, so that the network reads the camera's bytes.
            Example: tarsier import resnet101.onnx --output resnet101.float.safetensors --labels labels.txt
            """)

    @Argument(help: "The ONNX file, operator set 7 to 22; one picture in, one dense layer's logits (or a softmax) out.")
    var file: String

    @Option(help: "The float weights to write; an existing file is replaced only when everything has succeeded.")
    var output: String

    @Option(help: "Name of the network; by default that of the file.")
    var name: String?

    @Option(help: "What training subtracted from pixel / 255, one number a channel.")
    var mean: Triple?

    @Option(help: "What training then divided by, one number a channel.")
    var std: Triple?

    @Option(
        help: "JSON file that says mean, std and crop_pct or image_mean and image_std, as timm and others write it.")
    var preprocessing: String?

    @Option(help: "Share of the largest centred square that the network sees, as in 0.875.")
    var cropFraction: Double?

    @Option(help: "Rows and columns of the input, where the file leaves them open.")
    var size: Int?

    @Option(help: "Text file with one label a line; by default classes are numbered.")
    var labels: String?

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        if let cropFraction, !(cropFraction > 0 && cropFraction <= 1) {
            throw ValidationError("--crop-fraction is above 0 and at most 1")
        }
        if let size, !(1...GraphLimits.inputExtent).contains(size) {
            throw ValidationError("--size is between 1 and \(GraphLimits.inputExtent)")
        }
    }

    func run() throws {
        do throws(ImportError) {
            var settings = ImportSettings(network: name, extent: size)
            if let preprocessing { try settings.read(preprocessing) }
            if let mean { settings.normalization.mean = mean.values }
            if let std { settings.normalization.std = std.values }
            if let cropFraction { settings.cropFraction = cropFraction }
            if let labels { settings.labels = try ImportSettings.labels(readingFrom: labels) }
            let (model, tensors) = try Importer.model(readingFrom: file, settings: settings)
            do throws(ModelFileError) { try model.write(to: output) } catch {
                throw ImportError(code: error.code == .io ? .io : .badData, path: error.path, error.message)
            }
            try report(model, tensors)
        } catch {
            throw Failure(error.code == .noInput ? .noInput : error.code == .io ? .io : .badData, error.description)
        }
    }

    private func report(_ model: FloatModel, _ tensors: TensorTable) throws(ImportError) {
        let summary: Summary
        do {
            summary = Summary(
                output: output, network: model.graph.network, nodes: model.graph.nodes.count,
                parameters: try model.graph.parameterCount(), macs: try model.graph.macs(), labels: model.labels.count,
                input: [model.graph.input.height, model.graph.input.width, model.graph.input.channels],
                matched: tensors.count(.matched), missing: tensors.count(.missing),
                unexpected: tensors.count(.unexpected),
                tensors: tensors.rows.map { .init(name: $0.name, shape: $0.shape, fate: $0.fate.rawValue) })
            if json {
                try Terminal.json(summary)
                return
            }
        } catch {
            throw ImportError(path: file, "\(error)")
        }
        for row in tensors.rows {
            Terminal.line(
                row.fate.rawValue.padded(11) + row.shape.map { "\($0)" }.joined(separator: "x").padded(18) + row.name)
        }
        Terminal.line(
            "\(summary.network): \(summary.nodes) nodes, \((Double(summary.parameters) / 1e6).text(3)) M parameters, "
                + "\((Double(summary.macs) / 1e6).text(1)) M MACs, \(summary.labels) labels")
        Terminal.line(
            "tensors: \(summary.matched) matched, \(summary.missing) missing, \(summary.unexpected) unexpected; wrote \(output)"
        )
    }

    private struct Summary: Encodable {
        let output: String
        let network: String
        let nodes: Int
        let parameters: Int
        let macs: Int
        let labels: Int
        let input: [Int]
        let matched: Int
        let missing: Int
        let unexpected: Int
        let tensors: [Row]

        struct Row: Encodable {
            let name: String
            let shape: [Int]
            let fate: String
        }
    }
}

/// Three numbers with commas between them, or one for all.
struct Triple: ExpressibleByArgument {
    let values: [Float]

    init?(argument: String) {
        let parts = argument.split(separator: ",").map { Float($0) }
        guard parts.count == 1 || parts.count == 3, !parts.contains(nil) else { return nil }
        let numbers = parts.compactMap { $0 }
        values = numbers.count == 1 ? [numbers[0], numbers[0], numbers[0]] : numbers
    }
}
