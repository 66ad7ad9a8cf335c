import ArgumentParser
import Daemon
import Engine
import Graphs
import Imaging

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Labels image files.",
        discussion: """
            Examples:
              tarsier classify photo.jpg
              curl -s http://camera.local/snapshot.jpg | tarsier classify --json -
            """)

    @Option(help: "Model file; the default model when left out.")
    var model: String?

    @Option(help: "Labels to print of each file.")
    var top = 3

    @Option(help: "Threads of one inference.")
    var threads = 1

    @OptionGroup var kernels: KernelOptions

    @OptionGroup var part: RegionOption

    @Flag(help: "The logits as well, in the order of the labels (JSON only).")
    var logits = false

    @Flag(help: "One JSON object a file.")
    var json = false

    @Argument(help: "JPEG files; - is standard input.")
    var files: [String]

    func validate() throws {
        guard top >= 1 else { throw ValidationError("--top is at least 1") }
        guard (1...64).contains(threads) else { throw ValidationError("--threads is between 1 and 64") }
        guard !logits || json else { throw ValidationError("--logits goes with --json") }
    }

    /// Every file gets its answer or its line of complaint; the first complaint decides the exit code.
    func run() throws {
        let loaded = try LoadedModel(model)
        let classifier = try Classifier(
            loaded.model, features: kernels.features(), maxThreads: threads, region: part.value)
        var firstFailure: Failure?
        for file in files {
            do throws(Failure) {
                let row = try classify(file, with: classifier)
                json ? try output(row) : print(row)
            } catch {
                Terminal.note("tarsier: \(error.message)")
                firstFailure = firstFailure ?? error
            }
        }
        if let firstFailure { throw ExitCode(firstFailure.code.rawValue) }
    }

    private func classify(_ file: String, with classifier: Classifier) throws(Failure) -> Row {
        let frame = try PhotoFolder.frame(at: file)
        let times: Classifier.Times
        do throws(ImagingError) {
            times = try classifier.classify(frame, threads: threads)
        } catch {
            throw Failure(error)
        }
        let top = classifier.top(top)
        return Row(
            file: file, label: top.first.map(classifier.label) ?? Classifier.unknown,
            top: top.map {
                Row.Entry(index: $0.index, label: classifier.labels[$0.index], score: Double($0.score))
            },
            ms: Row.Times(
                decode: Double(times.decodeNs) / 1e6, prepare: Double(times.prepareNs) / 1e6,
                infer: Double(times.inferNs) / 1e6),
            logits: logits ? classifier.session.logits : nil)
    }

    private func output(_ row: Row) throws(Failure) {
        do { try Terminal.json(row) } catch {
            throw Failure(.internal, "the answer could not be written as JSON: \(error)")
        }
    }

    private func print(_ row: Row) {
        let scores = row.top.map { "\($0.label) \(($0.score * 100).text(1)) %" }.joined(separator: ", ")
        Terminal.line(
            "\(row.file): \(row.label)  (\(scores))  \((row.ms.decode + row.ms.prepare + row.ms.infer).text(1)) ms")
    }

    private struct Row: Encodable {
        struct Entry: Encodable {
            let index: Int
            let label: String
            let score: Double
        }
        struct Times: Encodable {
            let decode: Double
            let prepare: Double
            let infer: Double
        }

        let file: String
        let label: String
        let top: [Entry]
        let ms: Times
        let logits: [Float]?
    }
}
