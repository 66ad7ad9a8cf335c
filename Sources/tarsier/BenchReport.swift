import Engine
import Kernels
import LinuxIO
import Planning

/// What `bench` found out; the names are the contract's.
struct BenchReport: Encodable {
    struct Latency: Encodable {
        let min: Double
        let p50: Double
        let p95: Double
        let p99: Double
        let max: Double
    }

    struct Layer: Encodable {
        let name: String
        let kernels: [String]
        let macs: Int
        let minUs: Double
        let medianUs: Double
        let gmacsPerS: Double
    }

    let network: String
    let precision: String
    let isa: String
    let threads: Int
    let runs: Int
    /// Inferences a second, asleep in between; nil when they ran back to back.
    var rate: Double?
    let latencyMs: Latency
    /// CPU time of the process an inference.
    let cpuMs: Double
    let macs: Int
    /// At the median.
    let gmacsPerS: Double
    var arenaBytes = 0
    var weightsBytes = 0
    var loadMs = 0.0
    var firstResultMs = 0.0
    var rssBytes = 0
    /// The best dot-product loop of this CPU under the mask, on one thread; with `layers`.
    var peakGmacsPerS: Double?
    var layers: [Layer]?
    /// Sum of the layers' medians, as a share of the median latency of inferences among which they were measured.
    var layersExplain: Double?

    init(network: String, precision: String, isa: String, threads: Int, macs: Int, _ bench: InferenceBench) {
        self.network = network
        self.precision = precision
        self.isa = isa
        self.threads = threads
        self.macs = macs
        runs = bench.latencies.count
        latencyMs = Latency(
            min: Double(bench.minimum) / 1e6, p50: Double(bench.percentile(0.5)) / 1e6,
            p95: Double(bench.percentile(0.95)) / 1e6, p99: Double(bench.percentile(0.99)) / 1e6,
            max: Double(bench.maximum) / 1e6)
        cpuMs = Double(bench.cpuNs) / 1e6
        gmacsPerS = Double(macs) / Double(max(1, bench.percentile(0.5)))
    }

    /// Adds the table of steps.
    mutating func add(_ bench: StepBench) {
        layersExplain = bench.explained
        layers = bench.rows.map { row in
            Layer(
                name: row.step.name, kernels: row.step.kernels.map(\.name), macs: row.step.macs,
                minUs: Double(row.minimum) / 1e3, medianUs: Double(row.median) / 1e3,
                gmacsPerS: Double(row.step.macs) / Double(max(1, row.minimum)))
        }
    }

    func print() {
        let pace = rate.map { ", \($0.text(1)) a second" } ?? ""
        Terminal.line(
            "\(network) \(precision), \(isa), \(threads) thread\(threads == 1 ? "" : "s"), \(runs) runs\(pace)")
        Terminal.line(
            "latency   min \(latencyMs.min.text(3))  p50 \(latencyMs.p50.text(3))  p95 \(latencyMs.p95.text(3))  "
                + "p99 \(latencyMs.p99.text(3))  max \(latencyMs.max.text(3)) ms")
        Terminal.line("CPU time  \(cpuMs.text(3)) ms an inference")
        Terminal.line("rate      \(gmacsPerS.text(1)) GMAC/s of \((Double(macs) / 1e6).text(1)) M MACs")
        Terminal.line(
            "memory    arena \(arenaBytes / 1024) KiB, packed weights \(weightsBytes / 1024) KiB, "
                + "peak resident \(rssBytes / 1024) KiB")
        Terminal.line("start     loaded after \(loadMs.text(1)) ms, first result after \(firstResultMs.text(1)) ms")
        guard let layers else { return }
        let peak = peakGmacsPerS ?? 0
        Terminal.line("")
        Terminal.line("peak of one thread: \(peak.text(1)) GMAC/s")
        Terminal.line("    min us  median us   GMAC/s  % peak  step")
        for layer in layers {
            let share = peak > 0 ? 100 * layer.gmacsPerS / (peak * Double(threads)) : 0
            Terminal.line(
                layer.minUs.text(1).padded(10, right: true) + layer.medianUs.text(1).padded(11, right: true)
                    + layer.gmacsPerS.text(1).padded(9, right: true) + share.text(0).padded(8, right: true) + "  "
                    + layer.name)
        }
        let sum = layers.reduce(0) { $0 + $1.medianUs }
        let share = layersExplain ?? 0
        let verdict = abs(share - 1) <= StepBench.tolerance ? "they explain it" : "too far off, the machine was busy"
        Terminal.line(
            "sum of medians \(sum.text(1)) us, \((100 * share).text(1)) % of whole inferences in between: \(verdict)")
    }
}
