import ArgumentParser
import Daemon
import Graphs
import Import
import Tensors

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Makes a model of ours from an ONNX, PyTorch or safetensors file.",
        discussion: """
            An ONNX file of floats, a .pt or .pth file or a safetensors file becomes float weights, ready to be quantized. An
            ONNX file that is quantized already (QDQ) becomes an int8 model. Normalisation is folded into the first layer,
            so that the network reads the camera's bytes. A .pt file is read, never run.
            Example: tarsier import resnet101.onnx --output resnet101.float.safetensors --labels labels.txt
            Example: tarsier import mobilenet_v2.pth --network mobilenet_v2 --output mobilenet_v2.float.safetensors
            """)

    @Argument(
        help: """
            ONNX, operator set 7 to 22, one picture in, one dense layer's logits (or a softmax) out; or tensors with the \
            names of torchvision, timm or training/.
            """)
    var file: String

    @Option(help: "The model to write; an existing file is replaced only when everything has succeeded.")
    var output: String

    @Option(help: "The network whose tensors a .pt, .pth or safetensors file holds; see `tarsier networks`.")
    var network: String?

    @Option(help: "Name of the network in our file; by default that of --network or of the file.")
    var name: String?

    @Option(
        help: "What training subtracted from pixel / 255, one number a channel, in the network's order of channels.")
    var mean: Triple?

    @Option(help: "What training then divided by, one number a channel.")
    var std: Triple?

    @Option(help: "Order of the channels that the network reads: rgb or bgr.")
    var colours: ColourOrder?

    @Option(
        help: """
            JSON file that says how pictures were prepared, as timm (config.json) and transformers \
            (preprocessor_config.json) write it; the flags go before it.
            """)
    var preprocessing: String?

    @Option(help: "Share of the rectangle that the fit chooses that the network sees, as in 0.875.")
    var cropFraction: Double?

    @Option(help: "How pictures of another shape become the input: crop, letterbox or stretch. (default: crop)")
    var fit: FitChoice?

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
        try OutputFiles.check(
            [("--output", output)],
            inputs: [("the file to import", file), ("--labels", labels), ("--preprocessing", preprocessing)])
        do throws(ImportError) {
            let settings = try settings()
            let (model, tensors) = try Importer.read(file, architecture: network, settings: settings)
            do throws(ModelFileError) { try model.write(to: output) } catch {
                throw ImportError(code: error.code == .io ? .io : .badData, path: error.path, error.message)
            }
            try ImportReport(file: file, output: output, model: model, settings: settings, tensors: tensors)
                .show(json: json)
        } catch {
            if error.tensors.count(.missing) > 0 { try ImportReport.show(lacking: error.tensors, json: json) }
            let code: Failure.Code =
                switch error.code {
                case .badData: .badData
                case .noInput: .noInput
                case .io: .io
                case .usage: .usage
                }
            throw Failure(code, error.description)
        }
    }

    private func settings() throws(ImportError) -> ImportSettings {
        var settings = ImportSettings(network: name)
        if let preprocessing { try settings.read(preprocessing) }
        if let size { settings.extent = size }
        if let mean { settings.mean = mean.values }
        if let std { settings.std = std.values }
        if let colours { settings.readsBlueFirst = colours == .bgr }
        if let fit { settings.fit = fit.fit }
        if let cropFraction { settings.cropFraction = cropFraction }
        if let labels { settings.labels = try ImportSettings.labels(readingFrom: labels) }
        return settings
    }
}

/// `--colours`
enum ColourOrder: String, ExpressibleByArgument, CaseIterable { case rgb, bgr }

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
