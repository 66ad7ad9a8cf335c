import ArgumentParser
import Daemon
import Engine
import Graphs
import KernelHarness
import Kernels
import LinuxIO
import Planning
import Quantization
import Tensors

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Latency, CPU time and GMAC/s of a model on this machine.",
        discussion: "Example: tarsier bench --threads 1 --runs 1000 --per-layer")

    @Option(help: "Model file; the default model when left out.")
    var model: String?

    @Option(help: "Bench a network with random weights instead of a model; see `tarsier networks`.")
    var network: String?

    @Flag(help: "The float network in the reference interpreter: the oracle of the quantizer, not a tuned engine.")
    var float = false

    @Option(help: "Threads of one inference.")
    var threads = 1

    @Option(help: "Inferences that count.")
    var runs = 300

    @Option(help: "Inferences before those that count.")
    var warmUp = 10

    @Option(help: "Inferences a second, asleep in between as behind a camera; back to back when left out.")
    var rate: Double?

    @OptionGroup var kernels: KernelOptions

    @Flag(help: "A table of the time each step takes, beside what this CPU could do at best.")
    var perLayer = false

    @Flag(
        name: .customLong("kernels"),
        help: "Verify every kernel against the scalar, then bench it on the layers of SM_V2.")
    var kernelTable = false

    @Flag(help: "Markdown to hand in: the machine, how it is set, and the latency on 1, 2, 3 ... threads.")
    var submitTable = false

    @Flag(help: "One JSON object.")
    var json = false

    func validate() throws {
        guard (1...64).contains(threads) else { throw ValidationError("--threads is between 1 and 64") }
        guard (1...1_000_000).contains(runs) else { throw ValidationError("--runs is between 1 and 1000000") }
        guard (0...1_000_000).contains(warmUp) else { throw ValidationError("--warm-up is between 0 and 1000000") }
        guard rate.map({ (0.1...1000).contains($0) }) ?? true else {
            throw ValidationError("--rate is between 0.1 and 1000 inferences a second")
        }
        guard !submitTable || !(json || float || perLayer || kernelTable || rate != nil || threads != 1) else {
            throw ValidationError("--submit-table chooses its own form, threads and pace; give it alone")
        }
        guard model == nil || network == nil else { throw ValidationError("give --model or --network, not both") }
    }

    func run() throws {
        let begin = MonotonicClock.now()
        let features = try kernels.features()
        if kernelTable { return try benchKernels(features) }
        if submitTable { return try printSubmitTable(features) }
        let report = float ? try benchFloat(begin) : try benchInt8(begin, features)
        if json {
            try Terminal.json(report)
        } else {
            report.print()
        }
    }

    private func benchInt8(_ begin: UInt64, _ features: CPUFeatures) throws -> BenchReport {
        let graph = try network.map { try RandomNetwork($0).int8 } ?? LoadedModel(model).model.graph
        let session = try Classifier.session(graph, features: features, maxThreads: threads)
        let loaded = MonotonicClock.now()
        session.run(threads: threads)
        let first = MonotonicClock.now()
        let bench = InferenceBench(session, threads: threads, runs: runs, warmUp: warmUp, periodNs: periodNs)
        var report = BenchReport(
            network: graph.network, precision: "int8", isa: session.plan.isa, threads: threads, macs: graph.macs, bench)
        report.rate = rate
        report.arenaBytes = session.arenaBytes
        report.weightsBytes = session.plan.weightBytes
        report.loadMs = Double(loaded - begin) / 1e6
        report.firstResultMs = Double(first - begin) / 1e6
        report.rssBytes = try ProcessMemory.current().peakBytes
        if perLayer {
            report.peakGmacsPerS = MachinePeak.measure(features: features)?.gmacsPerSecond
            report.add(StepBench(session, threads: threads, runs: max(20, runs / 3)))
        }
        return report
    }

    private func printSubmitTable(_ features: CPUFeatures) throws {
        let graph = try network.map { try RandomNetwork($0).int8 } ?? LoadedModel(model).model.graph
        let session = try Classifier.session(graph, features: features, maxThreads: min(64, MachineFacts().cpus))
        for line in SubmitTable(session, runs: runs, warmUp: warmUp).lines { Terminal.line(line) }
    }

    private func benchKernels(_ features: CPUFeatures) throws {
        guard !json else { throw Failure(.usage, "--kernels prints a table only; leave --json out") }
        let rows: [BenchRow]
        do { rows = try KernelHarness.bench(features: features) } catch let error as BenchError {
            throw Failure(.internal, "\(error)")
        }
        Terminal.line("kernel                                    layer                     min us      rate   x scalar")
        for row in rows {
            Terminal.line(
                row.kernel.name.padded(42) + row.layer.padded(22)
                    + (row.timing.minimumNs / 1e3).text(2).padded(10, right: true)
                    + row.gigaPerSecond.text(1).padded(10, right: true) + " \(row.unit)"
                    + row.ratioToScalar.text(0).padded(7, right: true))
        }
    }

    private func benchFloat(_ begin: UInt64) throws -> BenchReport {
        guard threads == 1 else {
            throw Failure(.usage, "--float runs the reference interpreter, which has one thread; leave --threads out")
        }
        guard kernels.cpuMask == nil else {
            throw Failure(.usage, "--float does not use the integer kernels; leave --cpu-mask out")
        }
        let floatModel = try RandomNetwork(network ?? LoadedModel(model).model.graph.network).float
        let interpreter = try FloatInterpreter(
            Lowering.apply(to: floatModel.graph), std: floatModel.preprocessing.std)
        let input = floatModel.graph.input
        let pixels = [UInt8](repeating: 77, count: input.count)
        let workspace = FloatWorkspace()
        let loaded = MonotonicClock.now()
        _ = interpreter.run(pixels: pixels, in: workspace)
        let first = MonotonicClock.now()
        let bench = InferenceBench(runs: runs, warmUp: min(warmUp, 1), periodNs: periodNs) {
            _ = interpreter.run(pixels: pixels, in: workspace)
        }
        var report = BenchReport(
            network: floatModel.graph.network, precision: "float32", isa: "reference", threads: 1,
            macs: try floatModel.graph.macs(), bench)
        report.rate = rate
        report.weightsBytes = try floatModel.graph.parameterCount() * 4
        report.loadMs = Double(loaded - begin) / 1e6
        report.firstResultMs = Double(first - begin) / 1e6
        report.rssBytes = try ProcessMemory.current().peakBytes
        return report
    }

    /// From one inference to the next; 0 without `--rate`.
    private var periodNs: UInt64 { rate.map { UInt64(1e9 / $0) } ?? 0 }
}
