import ArgumentParser
import Daemon
import Graphs
import LinuxIO
import Quantization
import Teaching

struct TeachCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Makes a model of your own classes: a new last layer for a trained network, from a folder of photos.",
        discussion: """
            The photos lie in DIR/<class>/*.jpg, at least 5 a class, better 20; photos of other things may lie in
            DIR/unknown. The folder is checked, accuracy is measured on photos held back, and the new model is written.
            Examples:
              tarsier teach --interactive --data gate/ --output gate.int8.safetensors
              tarsier teach --data gate/ --output gate.int8.safetensors && tarsier model set gate.int8.safetensors
            """)

    @Option(help: "Folder with one sub-folder of photos (JPEG) a class.")
    var data: String

    @Option(help: "The int8 model whose backbone is used; the default model when left out.")
    var base: String?

    @Option(help: "The model to write; an existing file is replaced only when everything has succeeded.")
    var output: String

    @Option(help: "Also write the report as one self-contained page.")
    var report: String?

    @OptionGroup var part: RegionOption

    @Option(help: "Threads to work with; the result does not depend on it.")
    var threads = 2

    @Flag(help: "Left and right mean something: do not teach mirrored photos.")
    var noMirror = false

    @Flag(help: "First ask for classes on the terminal and photograph each, into --data.")
    var interactive = false

    @Option(help: "With --interactive: where photos come from, as for `tarsier run`.")
    var source = "v4l2:auto"

    @Option(help: "With --interactive: photos of each class.")
    var photos = 20

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...64).contains(threads) else { throw ValidationError("--threads is between 1 and 64") }
        guard (TeachingPhotos.fewest...1000).contains(photos) else {
            throw ValidationError("--photos is between \(TeachingPhotos.fewest) and 1000")
        }
    }

    func run() throws {
        if interactive { try TeachingSession(folder: data, source: source, photos: photos).run() }
        try OutputFiles.check([("--output", output), ("--report", report)], inputs: [])
        let begin = MonotonicClock.now()
        let base = try LoadedModel(base)
        let photos = try TeachingPhotos(
            data, base.model.preprocessing, region: part.value, threads: threads
        ) { done, total in Terminal.progressBar("read photos", done, total) }
        let read = MonotonicClock.now()
        let teacher = Teacher(base: base, photos: photos, threads: threads, mirrors: !noMirror)
        let outcome = try teacher.teach(progress: Terminal.progressBar)
        Terminal.endProgress()
        do throws(ModelFileError) { try outcome.model.write(to: output) } catch { throw Failure(error) }
        let written = try LoadedModel(output)
        let summary = TeachSummary(
            output: output, written: written, base: base, bytes: outcome.model.encoded().count, photos: photos,
            outcome: outcome,
            seconds: .init(
                read: Double(read - begin) / 1e9, total: Double(MonotonicClock.now() - begin) / 1e9))
        if let report {
            try TeachPage(summary: summary, photos: photos, preprocessing: base.model.preprocessing).write(to: report)
        }
        if json { try Terminal.json(summary) } else { summary.print() }
    }
}
