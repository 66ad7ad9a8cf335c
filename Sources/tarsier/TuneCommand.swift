import ArgumentParser
import Daemon
import Engine
import Graphs
import Kernels
import LinuxIO
import Power

struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Measures the latency table the governor uses.",
        discussion: """
            For each number of threads, on the CPUs and with the quota that this process has: latency, CPU time and, where the
            machine has a meter, energy of an inference. Run it as the daemon runs, on a quiet machine; the daemon takes the
            table at its next start, on this CPU and for this model only.

            Examples:
              sudo -u tarsier tarsier tune --output /var/lib/tarsier/tuning.json
              taskset -c 2,3 tarsier tune --json | jq .rows
            """)

    @Option(help: "Model file; the default model when left out.")
    var model: String?

    @Option(help: "Where to put the table; tuning.json in the state folder when left out.")
    var output: String?

    @Option(help: "Most threads; as many as the daemon would use when left out.")
    var threads: Int?

    @Option(help: "Inferences a number of threads.")
    var runs = 200

    @Flag(help: "Print the table as one JSON object too.")
    var json = false

    @OptionGroup var kernels: KernelOptions

    func validate() throws {
        if let threads, !(1...64).contains(threads) { throw ValidationError("--threads is between 1 and 64") }
        guard (1...1_000_000).contains(runs) else { throw ValidationError("--runs is between 1 and 1000000") }
    }

    func run() throws {
        let loaded = try LoadedModel(model)
        let features = try kernels.features()
        let session = try Classifier.session(
            loaded.model.graph, features: features, maxThreads: threads ?? PreparedModel.automaticThreads)
        let rows = Tuner(runs: runs).measure(session) {
            Terminal.progressBar("numbers of threads", $0 - 1, session.maxThreads)
        }
        Terminal.endProgress()
        let file = TuningFile(
            cpu: CPUIdentity.current(features: features), modelSha256: loaded.sha256,
            measuredUnixMs: WallClock.unixMilliseconds(), rows: rows)
        let path = output ?? TuningFile.defaultPath()
        try file.write(to: path)
        if json { return try Terminal.json(file) }
        Terminal.line("\(file.cpu)")
        Terminal.line("threads  latency ms  CPU ms  mJ")
        for row in rows {
            let energy = row.joules.map { ($0 * 1000).text(2) } ?? "-"
            Terminal.line(
                "\("\(row.threads)".padded(7, right: true))  \(row.latencyMs.text(3).padded(10, right: true))  "
                    + "\(row.cpuMs.text(3).padded(6, right: true))  \(energy)")
        }
        Terminal.line("written to \(path); the daemon uses it from its next start")
    }
}
