import ArgumentParser
import Daemon
import Graphs
import Imaging
import Kernels
import LinuxIO
import Quantization

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Accuracy of a model on labelled photos, and how often another model agrees.",
        discussion: """
            The photos lie in DIR/<label>/*.jpg. The other model may be int8 or the float weights; both see the same pixels.
            Example: tarsier evaluate --against models/sm_v2.float.safetensors photos/test
            """)

    @Option(help: "Model file; the default model when left out.")
    var model: String?

    @Option(help: "Another model, int8 or float, to compare with.")
    var against: String?

    @Option(help: "Also write what was said of each photo, as CSV: file, truth, model, against.")
    var answers: String?

    @OptionGroup var kernels: KernelOptions

    @OptionGroup var part: RegionOption

    @Flag(help: "One JSON object.")
    var json = false

    @Argument(help: "Folder with one sub-folder a label.")
    var folder: String

    func run() throws {
        let loaded = try LoadedModel(model)
        let features = try kernels.features()
        let classifier = try Classifier(loaded.model, features: features, region: part.value)
        let opponent = try against.map {
            try Opponent($0, features: features, labels: loaded.model.labels, region: part.value)
        }
        let photos = try PhotoFolder(folder).photos
        let evaluator = Evaluator(classifier: classifier, opponent: opponent)
        let outcome = evaluator.run(photos) { done, accuracy in
            Terminal.progress("evaluate: \(done) of \(photos.count), top-1 \((accuracy * 100).text(2)) %")
        }
        Terminal.endProgress()
        for complaint in outcome.complaints.prefix(20) { Terminal.note("tarsier: \(complaint)") }
        guard outcome.own.photos > 0 else {
            throw Failure(
                .badData,
                "\(folder): no photo could be used; its sub-folders must be named as the model's labels: "
                    + loaded.model.labels.joined(separator: ", "))
        }
        if let answers { try outcome.writeAnswers(to: answers) }
        let report = EvaluationReport(model: loaded.path, against: against, outcome)
        if json { try Terminal.json(report) } else { report.print(outcome) }
    }
}

extension Evaluator.Outcome {
    /// CSV with one line a photo.
    fileprivate func writeAnswers(to path: String) throws(Failure) {
        func quoted(_ text: String) -> String {
            text.contains(where: { ",\"\n\r".contains($0) })
                ? "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
                : text
        }
        let lines = answers.map { answer in
            [answer.path, answer.truth, answer.own, answer.other ?? ""].map(quoted).joined(separator: ",")
        }
        let text = Array((["file,truth,model,against"] + lines).joined(separator: "\n").utf8) + [10]
        do throws(SystemError) { try AtomicFile.write(text, to: path) } catch { throw Failure(error) }
    }
}
